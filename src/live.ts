/** What newest locations are kept in and messages go over: a Redis Cluster, one Redis, or the memory of one server. */
import { createMemoryTopics } from './adapters/memory/memory-topics.js';
import { createMemoryPositionCache } from './adapters/memory/position-cache.js';
import { createClusterSubscribers } from './adapters/redis/cluster-subscribers.js';
import { createPositionCache } from './adapters/redis/position-cache.js';
import {
  commandOptions,
  connectRedis,
  connectRedisCluster,
  subscriberOptions,
} from './adapters/redis/redis-client.js';
import { createRedisSubscriber } from './adapters/redis/redis-subscriber.js';
import { createRedisTopics } from './adapters/redis/redis-topics.js';
import type { Config } from './config.js';
import { startEmbeddedRedis } from './embedded/redis.js';
import type { Lifecycle } from './lifecycle.js';
import type { Log } from './log.js';
import type { Clock } from './services/clock.js';
import type { NewestLocations } from './services/location-feed.js';
import type { LiveLocations } from './services/publish-location.js';
import type { Topics } from './services/user-topics.js';

export interface Live {
  readonly topics: Topics;
  readonly positions: NewestLocations & LiveLocations;
  /** Whether anything of it can be used now. */
  isUp(): boolean;
}

/** @throws StartupError when a Redis that the configuration names can't be used. */
export async function openLive(config: Config, log: Log, clock: Clock, lifecycle: Lifecycle): Promise<Live> {
  const locationTtlMs = config.locationTtlSeconds * 1_000;
  if (config.redisClusterNodes !== null) {
    return openRedisCluster(config.redisClusterNodes, locationTtlMs, log, lifecycle);
  }
  if (config.redisUrl !== null) return openRedis(config.redisUrl, locationTtlMs, log, lifecycle);
  const redis = await startEmbeddedRedis({ log });
  if (redis !== null) {
    lifecycle.onClose('embedded Redis', () => redis.close());
    log.info({ port: redis.port }, 'started a Redis of our own');
    return openRedis(redis.url, locationTtlMs, log, lifecycle);
  }
  log.info(
    'no redis-server or valkey-server on PATH: live locations stay in this process, for one server only',
  );
  const topics = createMemoryTopics();
  return { topics, positions: createMemoryPositionCache(topics, locationTtlMs, clock), isUp: () => true };
}

async function openRedis(url: string, locationTtlMs: number, log: Log, lifecycle: Lifecycle): Promise<Live> {
  const commands = await connectRedis(url, commandOptions, log);
  lifecycle.onClose('Redis commands', () => {
    commands.disconnect();
  });
  const subscriber = await connectRedis(url, subscriberOptions, log);
  const topics = createRedisTopics(createRedisSubscriber(subscriber), commands.publish.bind(commands), log);
  lifecycle.onClose('Redis topics', () => {
    topics.close();
  });
  return {
    topics,
    positions: createPositionCache(commands, locationTtlMs),
    isUp: () => commands.status === 'ready' && subscriber.status === 'ready',
  };
}

/** Up as long as some of its nodes are: of a shard that is away, the other servers could tell no more. */
async function openRedisCluster(
  nodes: readonly URL[],
  locationTtlMs: number,
  log: Log,
  lifecycle: Lifecycle,
): Promise<Live> {
  const cluster = await connectRedisCluster(nodes, log);
  lifecycle.onClose('Redis Cluster', () => {
    cluster.disconnect();
  });
  const topics = createRedisTopics(
    createClusterSubscribers(cluster, log),
    cluster.spublish.bind(cluster),
    log,
  );
  lifecycle.onClose('Redis topics', () => {
    topics.close();
  });
  return {
    topics,
    positions: createPositionCache(cluster, locationTtlMs),
    isUp: () => cluster.status === 'ready',
  };
}
