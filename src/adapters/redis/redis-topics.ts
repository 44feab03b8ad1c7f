/**
 * Topics over one Redis. graphql-redis-subscriptions keeps who listens to what; the subscriber under it is ours,
 * because Redis must be told of many topics in one command, because a failed SUBSCRIBE must neither be fatal nor
 * forgotten, and because what listens must know when messages may have been lost.
 */
import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';
import type { Log } from '../../log.js';
import type { Topics } from '../../services/shared-topics.js';

/** Channels in one SUBSCRIBE or UNSUBSCRIBE. */
const CHANNELS_PER_COMMAND = 1_000;
const RETRY_MS = 1_000;
const HEARTBEAT_MS = 2_000;

export interface InterruptibleTopics extends Topics {
  /** From now on messages may be lost. */
  onInterrupted(listener: () => void): void;
  /** Every topic is subscribed again. */
  onRestored(listener: () => void): void;
  close(): void;
}

/**
 * @param commands sends PUBLISH.
 * @param subscriber a connection of its own, made with `subscriberOptions`.
 */
export function createRedisTopics(commands: Redis, subscriber: Redis, log: Log): InterruptibleTopics {
  const interrupted: (() => void)[] = [];
  const restored: (() => void)[] = [];
  const channels = createChannels(subscriber, log);
  const pubsub = new RedisPubSub({ publisher: commands, subscriber: channels.asSubscriber() });
  let closed = false;
  let whole = true;
  let connections = 0;

  subscriber.on('close', () => {
    if (!whole || closed) return;
    whole = false;
    log.warn('Redis subscriptions are interrupted');
    for (const listener of interrupted) listener();
  });
  subscriber.on('ready', () => {
    const connection = ++connections;
    void channels.resubscribe().then(() => {
      if (whole || closed || connection !== connections) return;
      whole = true;
      log.info('Redis subscriptions are live again');
      for (const listener of restored) listener();
    });
  });

  // A half-open connection stays silent for ever; only an answer that does not come shows it (`socketTimeout`).
  const heartbeat = setInterval(() => {
    if (subscriber.status === 'ready') subscriber.ping().catch(() => undefined);
  }, HEARTBEAT_MS);

  return {
    publish: (topic, message) => pubsub.publish(topic, message),
    subscribe: (topic, onMessage) => pubsub.subscribe(topic, onMessage),
    unsubscribe: (subscriptionId) => {
      pubsub.unsubscribe(subscriptionId);
    },
    onInterrupted: (listener) => interrupted.push(listener),
    onRestored: (listener) => restored.push(listener),
    close() {
      closed = true;
      clearInterval(heartbeat);
      subscriber.disconnect();
    },
  };
}

/** The channels of one connection, told to Redis in as few commands as possible, once per turn of the event loop. */
function createChannels(client: Redis, log: Log) {
  const wanted = new Set<string>();
  let joining = new Map<string, () => void>();
  let leaving = new Set<string>();
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      const [join, leave] = [joining, leaving];
      joining = new Map();
      leaving = new Set();
      // Leaving goes first: a channel that was left and is wanted again must end up subscribed.
      for (const chunk of chunks([...leave])) client.unsubscribe(...chunk).catch(() => undefined);
      for (const chunk of chunks([...join.keys()])) {
        void joinChunk(chunk).then(() => {
          for (const channel of chunk) join.get(channel)?.();
        });
      }
    });
  }

  /** Resolves when those of the channels that are still wanted are subscribed, or the client was closed. */
  async function joinChunk(chunk: readonly string[]): Promise<void> {
    for (;;) {
      const channels = chunk.filter((channel) => wanted.has(channel));
      if (channels.length === 0) return;
      try {
        await client.subscribe(...channels);
        return;
      } catch (error) {
        if (client.status === 'end') return;
        log.warn({ code: error instanceof Error ? error.name : '' }, 'SUBSCRIBE failed, trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  return {
    async resubscribe(): Promise<void> {
      await Promise.all(chunks([...wanted]).map(joinChunk));
    },

    /** What graphql-redis-subscriptions calls of a Redis client, and nothing that it should not. */
    asSubscriber(): Redis {
      const methods = {
        on: (event: string, listener: (...args: unknown[]) => void) => client.on(event, listener),
        subscribe(channel: string, callback: (error?: Error | null) => void) {
          wanted.add(channel);
          joining.set(channel, callback);
          schedule();
        },
        unsubscribe(channel: string) {
          wanted.delete(channel);
          joining.delete(channel);
          leaving.add(channel);
          schedule();
        },
        psubscribe: () => undefined,
        punsubscribe: () => undefined,
      };
      return Object.assign(Object.create(null) as Redis, methods);
    },
  };
}

function* chunksOf(items: readonly string[]): Generator<string[]> {
  for (let start = 0; start < items.length; start += CHANNELS_PER_COMMAND) {
    yield items.slice(start, start + CHANNELS_PER_COMMAND);
  }
}

function chunks(items: readonly string[]): string[][] {
  return [...chunksOf(items)];
}
