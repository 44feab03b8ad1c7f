/** Subscribes to channels of one Redis, all on one connection, which reconnects by itself. */
import type { Redis } from 'ioredis';
import type { Clock } from '../../time/clock.js';
import { keepPinging } from './redis-client.js';
import type { ChannelSubscriber, Link } from './channels.js';

/** @param connection used for nothing else, made with `subscriberOptions`. */
export function createRedisSubscriber(connection: Redis, clock: Clock): ChannelSubscriber {
  const stopPinging = keepPinging(connection, clock);
  let closed = false;
  let connected = true;
  let link: Link = { leaseUntilMs: -Infinity };
  connection.on('ready', () => {
    connected = true;
    link = { leaseUntilMs: -Infinity };
  });

  return {
    groupOf: () => ALL,
    subscribe: (channels) => connection.subscribe(...channels),
    unsubscribe(channels) {
      connection.unsubscribe(...channels).catch(() => undefined);
    },
    onMessage(listener) {
      connection.on('message', (channel: string, message: string) => {
        listener(channel, message, link);
      });
    },
    linkOf: () => (connected ? link : null),
    renew() {
      if (connection.status === 'ready') connection.disconnect(true);
    },
    onLost(listener) {
      connection.on('close', () => {
        // A failed attempt to reconnect is no further loss.
        if (connected && !closed) listener(new Set([ALL]));
        connected = false;
      });
    },
    close() {
      closed = true;
      stopPinging();
      connection.disconnect();
    },
  };
}

const ALL = 0;
