/**
 * Topics and inboxes over Redis. For graphql-redis-subscriptions each kind is one pattern with one callback, as
 * it would take as much memory as all else for a callback of each channel. What it talks to is not a Redis
 * client but two small objects, because a crowd's topics must be subscribed
 * in few commands, a failed SUBSCRIBE must be repeated, and a loss of messages must be reported
 * (docs/decisions/005).
 */
import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';
import type { Log } from '../../log.js';
import type { Interruption, MessageChannels, Topics, UserMessage } from '../../services/user-topics.js';
import type { Clock } from '../../time/clock.js';
import { type Channels, type ChannelSubscriber, createChannels } from './channels.js';
import { type Names, partsOf } from './partitions.js';

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

  const channelsOf = (kind: string, channelOf: (userId: string) => string): MessageChannels => ({
    publish: (userId, message) => pubsub.publish(channelOf(userId), message),
    onMessage: (listener) => void pubsub.subscribe(kind, listener, { pattern: true }),
    subscribe: (userId) =>
      new Promise((resolve) => {
        channels.subscribe(channelOf(userId), resolve);
      }),
    unsubscribe: (userId) => {
      channels.unsubscribe(channelOf(userId));
    },
  });

  channels.onInterrupted((interrupted, groups, restored) => {
    const users = new Set(interrupted.map((channel) => partsOf(channel)[1]));
    log.warn({ topics: users.size }, 'Redis subscriptions are interrupted');
    void restored.then(() => {
      log.info({ topics: users.size }, 'Redis subscriptions are live again');
    });
    reportInterrupted({ users, concerns: (userId) => groups.has(subscriber.groupOf(userId)), restored });
  });

  return {
    ...channelsOf('user', userChannel),
    inboxes: channelsOf('inbox', inboxChannel),
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

/**
 * All that graphql-redis-subscriptions 2.7 calls of its subscriber. A pattern is a kind of channels, of which
 * those are subscribed that are wanted. What is no text is handed to the callbacks as it is.
 */
function subscriberMethods(channels: Channels) {
  return {
    on(event: string, listener: (pattern: string, channel: string, message: UserMessage) => void) {
      if (event !== 'pmessage') return;
      channels.onMessage((channel, text) => {
        const [kind, userId] = partsOf(channel);
        listener(kind, channel, { userId, message: jsonIn(text) });
      });
    },
    psubscribe(_pattern: string, callback: () => void) {
      callback();
    },
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
