/**
 * Topics over Redis. graphql-redis-subscriptions keeps who listens to what; what is under it is ours, because Redis must
 * be told of many topics in one command, because a failed SUBSCRIBE must neither be fatal nor forgotten, and because
 * what listens must know when messages may have been lost.
 */
import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';
import type { Log } from '../../log.js';
import type { Interruption, Topics } from '../../services/user-topics.js';
import { createGathering } from './gathering.js';
import { commandsFor, type Grouping, userChannel, userOf } from './partitions.js';

/** Where channels are subscribed: one connection, or one to each master of a cluster. */
export interface Subscribers {
  /** Channels of one group go into one command. */
  readonly groupOf: Grouping;
  /** Of one group. Rejects when they could not be subscribed; it may be tried again. */
  subscribe(channels: readonly string[]): Promise<unknown>;
  /** Of one group, all or some of which may not be subscribed. */
  unsubscribe(channels: readonly string[]): void;
  /** Told of messages, which are JSON. */
  onMessage(listener: (channel: string, message: string) => void): void;
  /** Told of groups whose channels are not subscribed any more. */
  onLost(listener: (groups: ReadonlySet<number>) => void): void;
  close(): void;
}

/** More than a server has in one partition: a million topics would be four thousand in each. */
const CHANNELS_PER_COMMAND = 5_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;

export interface RedisTopics extends Topics {
  close(): void;
}

/** @param publish sends a message, which is JSON, to a channel. */
export function createRedisTopics(
  subscribers: Subscribers,
  publish: (channel: string, message: string) => Promise<unknown>,
  log: Log,
): RedisTopics {
  const listeners: ((interruption: Interruption) => void)[] = [];
  const channels = createChannels(subscribers, log);
  const publisher = Object.assign(Object.create(null) as Redis, { publish });
  const pubsub = new RedisPubSub({ publisher, subscriber: channels.asSubscriber() });

  channels.onInterrupted((interrupted, restored) => {
    const users = new Set(interrupted.map(userOf));
    log.warn({ topics: users.size }, 'Redis subscriptions are interrupted');
    void restored.then(() => {
      log.info({ topics: users.size }, 'Redis subscriptions are live again');
    });
    for (const listener of listeners) listener({ users, restored });
  });

  return {
    publish: (userId, message) => pubsub.publish(userChannel(userId), message),
    subscribe: (userId, onMessage) => pubsub.subscribe(userChannel(userId), onMessage),
    unsubscribe: (subscriptionId) => {
      pubsub.unsubscribe(subscriptionId);
    },
    onInterrupted: (listener) => listeners.push(listener),
    close: () => {
      channels.close();
    },
  };
}

/** A group whose channels are being subscribed again. */
interface Restoration {
  /** Changes when the group is lost once more meanwhile. */
  attempt: number;
  readonly restored: Promise<void>;
  finish(): void;
}

/** That a channel is wanted, or no longer. */
interface Change {
  readonly channel: string;
  /** Told once it is subscribed; null for one that is left. */
  readonly onJoined: (() => void) | null;
}

/** The channels that are wanted, told to Redis in as few commands as possible. */
function createChannels(subscribers: Subscribers, log: Log) {
  const wanted = new Map<number, Set<string>>();
  const lost = new Map<number, Restoration>();
  let tellInterrupted: (channels: readonly string[], restored: Promise<void>) => void = () => undefined;
  let closed = false;

  const { groupOf } = subscribers;
  const inCommands = (channels: Iterable<string>): string[][] =>
    commandsFor(channels, groupOf, CHANNELS_PER_COMMAND);
  const isWanted = (channel: string): boolean => wanted.get(groupOf(channel))?.has(channel) === true;

  const change = createGathering<Change>((changes) => {
    const joining = new Map<string, () => void>();
    const leaving = new Set<string>();
    for (const { channel, onJoined } of changes) {
      if (onJoined !== null) joining.set(channel, onJoined);
      else {
        joining.delete(channel);
        leaving.add(channel);
      }
    }
    // Leaving goes first: a channel that was left and is wanted again must end up subscribed.
    for (const channels of inCommands(leaving)) subscribers.unsubscribe(channels);
    for (const channels of inCommands(joining.keys())) {
      void subscribe(channels).then(() => {
        for (const channel of channels) joining.get(channel)?.();
      });
    }
  });

  /** Resolves when those of the channels that are still wanted are subscribed; never once all is closed. */
  async function subscribe(channels: readonly string[]): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)) {
      const still = channels.filter(isWanted);
      if (still.length === 0) return;
      try {
        await subscribers.subscribe(still);
        return;
      } catch (error) {
        if (closed) return new Promise(() => undefined);
        if (retryMs === FIRST_RETRY_MS) {
          log.warn({ code: error instanceof Error ? error.name : '' }, 'SUBSCRIBE failed, trying again');
        }
        await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
      }
    }
  }

  async function restore(group: number, restoration: Restoration): Promise<void> {
    const attempt = ++restoration.attempt;
    await Promise.all(inCommands(wanted.get(group) ?? []).map(subscribe));
    if (restoration.attempt !== attempt) return;
    lost.delete(group);
    restoration.finish();
  }

  subscribers.onLost((groups) => {
    const newly = new Map(
      [...groups].filter((group) => !lost.has(group)).map((group) => [group, newRestoration()]),
    );
    for (const [group, restoration] of newly) lost.set(group, restoration);
    for (const group of groups) {
      const restoration = lost.get(group);
      if (restoration !== undefined) void restore(group, restoration);
    }
    if (newly.size === 0) return;
    const all = Promise.all([...newly.values()].map(({ restored }) => restored));
    tellInterrupted(
      [...newly.keys()].flatMap((group) => [...(wanted.get(group) ?? [])]),
      all.then(() => undefined),
    );
  });

  return {
    onInterrupted(listener: (channels: readonly string[], restored: Promise<void>) => void): void {
      tellInterrupted = listener;
    },

    /** What graphql-redis-subscriptions calls of a Redis client, and nothing that it should not. */
    asSubscriber(): Redis {
      const methods = {
        on(event: string, listener: (channel: string, message: string) => void) {
          if (event === 'message') subscribers.onMessage(listener);
        },
        subscribe(channel: string, callback: () => void) {
          const group = groupOf(channel);
          const channels = wanted.get(group) ?? new Set();
          wanted.set(group, channels.add(channel));
          change(group, { channel, onJoined: callback });
        },
        unsubscribe(channel: string) {
          const group = groupOf(channel);
          const channels = wanted.get(group);
          channels?.delete(channel);
          if (channels?.size === 0) wanted.delete(group);
          change(group, { channel, onJoined: null });
        },
        psubscribe: () => undefined,
        punsubscribe: () => undefined,
      };
      return Object.assign(Object.create(null) as Redis, methods);
    },

    close(): void {
      closed = true;
      subscribers.close();
    },
  };
}

function newRestoration(): Restoration {
  let finish = (): void => undefined;
  const restored = new Promise<void>((resolve) => (finish = resolve));
  return { attempt: 0, restored, finish };
}
