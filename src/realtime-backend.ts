/**
 * Opens what keeps the newest locations and carries messages between servers: a Redis Cluster, one Redis, or
 * the memory of the one server that runs without Redis.
 */
import type { LimitStore } from './adapters/rate-limiters.js';
import { createMemoryTopics } from './adapters/memory/memory-topics.js';
import { createMemoryLocationStore } from './adapters/memory/location-store.js';
import { createClusterSubscriber } from './adapters/redis/cluster-subscriber.js';
import { startDeliveryLease } from './adapters/redis/delivery-lease.js';
import { createLocationStore } from './adapters/redis/location-store.js';
import { createNames } from './adapters/redis/partitions.js';
import { createPublisher } from './adapters/redis/publisher.js';
import { checkRedis, checkRedisCluster } from './adapters/redis/redis-check.js';
import {
  commandOptions,
  connectRedis,
  connectRedisCluster,
  databaseOf,
  subscriberOptions,
} from './adapters/redis/redis-client.js';
import { watchRedis } from './adapters/redis/redis-health.js';
import { createRedisSubscriber } from './adapters/redis/redis-subscriber.js';
import { createRedisTopics } from './adapters/redis/redis-topics.js';
import type { Config } from './config.js';
import { startEmbeddedRedis } from './embedded/redis.js';
import type { Lifecycle } from './lifecycle.js';
import type { Log } from './log.js';
import type { Clock } from './time/clock.js';
import type { LocationStore } from './services/location-store.js';
import type { DeliveryLease, Topics } from './services/user-topics.js';

/**
 * @param prefix of all names in Redis: that of the deployment.
 * @param events what Redis may do.
 * @throws StartupError when a Redis that the configuration names can't be used.
 */
export async function openRealtimeBackend(
  config: Pick<Config, 'redisUrl' | 'redisClusterNodes' | 'locationTtlSeconds'>,
  prefix: string,
  log: Log,
  clock: Clock,
  lifecycle: Pick<Lifecycle, 'onClose'>,
  events: RedisEvents = { onUnreadable: () => undefined, onLapsed: () => undefined },
): Promise<RealtimeBackend> {
  const locationTtlMs = config.locationTtlSeconds * 1_000;
  const parts: Parts = { prefix, locationTtlMs, log, clock, lifecycle, ...events };
  if (config.redisClusterNodes !== null) return openRedisCluster(config.redisClusterNodes, parts);
  if (config.redisUrl !== null) return openRedis(config.redisUrl, parts);
  const redis = await startEmbeddedRedis({ log });
  if (redis !== null) {
    lifecycle.onClose('embedded Redis', () => redis.close());
    log.info({ port: redis.port }, 'started a Redis of our own');
    return openRedis(redis.url, parts);
  }
  log.info(
    'no redis-server or valkey-server on PATH: live locations stay in this process, for one server only',
  );
  const topics = createMemoryTopics();
  const locations = createMemoryLocationStore(topics, locationTtlMs, clock);
  return { topics, lease: ALWAYS_HELD, locations, limitStore: null, isUp: () => true };
}

export interface RealtimeBackend {
  readonly topics: Topics;
  readonly lease: DeliveryLease;
  readonly locations: LocationStore;
  /** Where limits are counted for all servers; null where there is one. */
  readonly limitStore: LimitStore | null;
  /** Whether locations can be kept and messages carried now, in part at least. */
  isUp(): boolean;
}

export interface RedisEvents {
  /** Called for a key in Redis that holds something else than it should. */
  onUnreadable(): void;
  /** Called when a Redis does not deliver in time what is published. */
  onLapsed(error: Error): void;
}

interface Parts extends RedisEvents {
  readonly prefix: string;
  readonly locationTtlMs: number;
  readonly log: Log;
  readonly clock: Clock;
  readonly lifecycle: Pick<Lifecycle, 'onClose'>;
}

/** Within one process nothing is lost. */
const ALWAYS_HELD: DeliveryLease = { isHeld: () => true, onRenewed: () => undefined };

async function openRedis(
  url: string,
  { prefix, locationTtlMs, log, clock, lifecycle, onUnreadable, onLapsed }: Parts,
): Promise<RealtimeBackend> {
  // Numbers keep the keys of databases apart, but not the channels.
  const database = databaseOf(url);
  const names = createNames(database === 0 ? prefix : `${prefix}:${database}`);
  await checkRedis(url, names);
  const commands = await connectRedis(url, commandOptions, log);
  lifecycle.onClose('Redis commands', () => {
    commands.disconnect();
  });
  const connection = await connectRedis(url, subscriberOptions, log);
  const subscriber = createRedisSubscriber(connection, clock);
  const publish = createPublisher(commands, clock);
  const topics = createRedisTopics(subscriber, publish, names, log, clock);
  lifecycle.onClose('Redis topics', () => {
    topics.close();
  });
  const health = await watchRedis(commands, subscriber, names, log, clock);
  lifecycle.onClose('Redis health', () => {
    health.close();
  });
  const lease = startDeliveryLease(subscriber, publish, names, clock, onLapsed);
  lifecycle.onClose('delivery lease', () => {
    lease.close();
  });
  return {
    topics,
    lease,
    locations: createLocationStore(commands, locationTtlMs, names, clock, onUnreadable),
    limitStore: { redis: commands, names },
    isUp: () => health.works() && commands.status === 'ready' && connection.status === 'ready',
  };
}

/** The cluster counts as up while some of its masters are: no other server could reach a shard that is down. */
async function openRedisCluster(
  nodes: readonly URL[],
  { prefix, locationTtlMs, log, clock, lifecycle, onUnreadable, onLapsed }: Parts,
): Promise<RealtimeBackend> {
  const names = createNames(prefix);
  await checkRedisCluster(nodes, names);
  const cluster = await connectRedisCluster(nodes, log);
  lifecycle.onClose('Redis Cluster', () => {
    cluster.disconnect();
  });
  const subscriber = createClusterSubscriber(cluster, log, clock);
  const publish = createPublisher(cluster, clock);
  const topics = createRedisTopics(subscriber, publish, names, log, clock);
  lifecycle.onClose('Redis topics', () => {
    topics.close();
  });
  const health = await watchRedis(cluster, subscriber, names, log, clock);
  lifecycle.onClose('Redis health', () => {
    health.close();
  });
  const lease = startDeliveryLease(subscriber, publish, names, clock, onLapsed);
  lifecycle.onClose('delivery lease', () => {
    lease.close();
  });
  return {
    topics,
    lease,
    locations: createLocationStore(cluster, locationTtlMs, names, clock, onUnreadable),
    limitStore: { redis: cluster, names },
    isUp: () => health.works() && cluster.status === 'ready',
  };
}
