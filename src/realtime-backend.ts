/**
 * Opens what keeps the newest locations and carries messages between servers: a Redis Cluster, one Redis, or
 * the memory of the one server that runs without Redis.
 */
import { createMemoryTopics } from './adapters/memory/memory-topics.js';
import { createMemoryLocationStore } from './adapters/memory/location-store.js';
import { createClusterSubscriber } from './adapters/redis/cluster-subscriber.js';
import { createLocationStore } from './adapters/redis/location-store.js';
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
import type { Clock } from './time/clock.js';
import type { LocationStore } from './services/location-store.js';
import type { Topics } from './services/user-topics.js';

/** @throws StartupError when a Redis that the configuration names can't be used. */
export async function openRealtimeBackend(
  config: Config,
  log: Log,
  clock: Clock,
  lifecycle: Lifecycle,
): Promise<RealtimeBackend> {
  const locationTtlMs = config.locationTtlSeconds * 1_000;
  if (config.redisClusterNodes !== null) {
    return openRedisCluster(config.redisClusterNodes, locationTtlMs, log, clock, lifecycle);
  }
  if (config.redisUrl !== null) return openRedis(config.redisUrl, locationTtlMs, log, clock, lifecycle);
  const redis = await startEmbeddedRedis({ log });
  if (redis !== null) {
    lifecycle.onClose('embedded Redis', () => redis.close());
    log.info({ port: redis.port }, 'started a Redis of our own');
    return openRedis(redis.url, locationTtlMs, log, clock, lifecycle);
  }
  log.info(
    'no redis-server or valkey-server on PATH: live locations stay in this process, for one server only',
  );
  const topics = createMemoryTopics();
  return { topics, locations: createMemoryLocationStore(topics, locationTtlMs, clock), isUp: () => true };
}

export interface RealtimeBackend {
  readonly topics: Topics;
  readonly locations: LocationStore;
  /** Whether it can be used now, in part at least. */
  isUp(): boolean;
}

async function openRedis(
  url: string,
  locationTtlMs: number,
  log: Log,
  clock: Clock,
  lifecycle: Lifecycle,
): Promise<RealtimeBackend> {
  const commands = await connectRedis(url, commandOptions, log);
  lifecycle.onClose('Redis commands', () => {
    commands.disconnect();
  });
  const subscriber = await connectRedis(url, subscriberOptions, log);
  const topics = createRedisTopics(
    createRedisSubscriber(subscriber, clock),
    commands.publish.bind(commands),
    log,
    clock,
  );
  lifecycle.onClose('Redis topics', () => {
    topics.close();
  });
  return {
    topics,
    locations: createLocationStore(commands, locationTtlMs, clock),
    isUp: () => commands.status === 'ready' && subscriber.status === 'ready',
  };
}

/** The cluster counts as up while some of its nodes are: no other server could reach a shard that is down. */
async function openRedisCluster(
  nodes: readonly URL[],
  locationTtlMs: number,
  log: Log,
  clock: Clock,
  lifecycle: Lifecycle,
): Promise<RealtimeBackend> {
  const cluster = await connectRedisCluster(nodes, log);
  lifecycle.onClose('Redis Cluster', () => {
    cluster.disconnect();
  });
  const topics = createRedisTopics(
    createClusterSubscriber(cluster, log, clock),
    cluster.spublish.bind(cluster),
    log,
    clock,
  );
  lifecycle.onClose('Redis topics', () => {
    topics.close();
  });
  return {
    topics,
    locations: createLocationStore(cluster, locationTtlMs, clock),
    isUp: () => cluster.status === 'ready',
  };
}
