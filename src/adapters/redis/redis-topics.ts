/**
 * Topics and inboxes over Redis. graphql-redis-subscriptions knows which callbacks belong to which channel;
 * what it talks to is not a Redis client but two small objects, because a crowd's topics must be subscribed
 * in few commands, a failed SUBSCRIBE must be repeated, and a loss of messages must be reported
 * (docs/decisions/005).
 */
import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';
import type { Log } from '../../log.js';
import type { Interruption, MessageChannels, Topics, UserMessage } from '../../services/user-topics.js';
import type { Clock } from '../../time/clock.js';
import { type Channels, type ChannelSubscriber, createChannels } from './channels.js';
import { type Names, userOf } from './partitions.js';

/** @param publish sends a message, which is JSON, to a channel. */
export function createRedisTopics(
  subscriber: ChannelSubscriber,
  publish: (channel: string, message: string) => Promise<unknown>,
  { userChannel, inboxChannel }: Pick<Names, 'userChannel' | 'inboxChannel'>,
  log: Log,
  clock: Clock,
): RedisTopics {
  const channels = createChannels(subscriber, log, clock);
  const pubsub = new RedisPubSub({
    publisher: asRedis({ publish }),
    subscriber: asRedis(subscriberMethods(channels)),
  });
  let reportInterrupted: (interruption: Interruption) => void = () => undefined;

  const channelsOf = (channelOf: (userId: string) => string): MessageChannels => ({
    publish: (userId, message) => pubsub.publish(channelOf(userId), message),
    subscribe: (userId, onMessage) => pubsub.subscribe(channelOf(userId), onMessage),
    unsubscribe: (subscriptionId) => {
      pubsub.unsubscribe(subscriptionId);
    },
  });

  channels.onInterrupted((interrupted, groups, restored) => {
    const users = new Set(interrupted.map(userOf));
    log.warn({ topics: users.size }, 'Redis subscriptions are interrupted');
    void restored.then(() => {
      log.info({ topics: users.size }, 'Redis subscriptions are live again');
    });
    reportInterrupted({ users, concerns: (userId) => groups.has(subscriber.groupOf(userId)), restored });
  });

  return {
    ...channelsOf(userChannel),
    inboxes: channelsOf(inboxChannel),
    onInterrupted: (listener) => {
      reportInterrupted = listener;
    },
    close: () => {
      channels.close();
    },
  };
}

export interface RedisTopics extends Topics {
  close(): void;
}

/** All that graphql-redis-subscriptions 2.7 calls of its subscriber. */
function subscriberMethods(channels: Channels) {
  return {
    /** What is no text is handed to the callbacks as it is. */
    on(event: string, listener: (channel: string, message: UserMessage) => void) {
      if (event !== 'message') return;
      channels.onMessage((channel, text) => {
        listener(channel, { userId: userOf(channel), message: jsonIn(text) });
      });
    },
    subscribe(channel: string, callback: () => void) {
      channels.subscribe(channel, callback);
    },
    unsubscribe(channel: string) {
      channels.unsubscribe(channel);
    },
    psubscribe: () => undefined,
    punsubscribe: () => undefined,
  };
}

/**
 * The type asks for a whole ioredis client, of which a few methods are called. Without a prototype, a call of
 * any other method fails at once instead of doing nothing.
 */
function asRedis(methods: object): Redis {
  return Object.assign(Object.create(null) as Redis, methods);
}

/** A text that is no JSON stays as it is. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
