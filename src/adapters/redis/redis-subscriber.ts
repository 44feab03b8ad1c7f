/** Channels on one Redis: all of them on one connection, which comes back by itself. */
import type { Redis } from 'ioredis';
import { keepAsking } from './redis-client.js';
import type { Subscribers } from './redis-topics.js';

const ALL = 0;

/** @param connection of its own, made with `subscriberOptions`. */
export function createRedisSubscriber(connection: Redis): Subscribers {
  const stopAsking = keepAsking(connection);
  let closed = false;
  let connected = true;

  return {
    groupOf: () => ALL,
    subscribe: (channels) => connection.subscribe(...channels),
    unsubscribe(channels) {
      connection.unsubscribe(...channels).catch(() => undefined);
    },
    onMessage: (listener) => connection.on('message', listener),
    onLost(listener) {
      connection.on('ready', () => (connected = true));
      connection.on('close', () => {
        // An attempt to connect that fails is no further loss.
        if (connected && !closed) listener(new Set([ALL]));
        connected = false;
      });
    },
    close() {
      closed = true;
      stopAsking();
      connection.disconnect();
    },
  };
}
