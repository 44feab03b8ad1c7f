import { createClusterSubscriber } from '../../../src/adapters/redis/cluster-subscriber.js';
import { createNames } from '../../../src/adapters/redis/partitions.js';
import { createPublisher } from '../../../src/adapters/redis/publisher.js';
import {
  commandOptions,
  connectRedis,
  connectRedisCluster,
  subscriberOptions,
} from '../../../src/adapters/redis/redis-client.js';
import { createRedisSubscriber } from '../../../src/adapters/redis/redis-subscriber.js';
import { createRedisTopics } from '../../../src/adapters/redis/redis-topics.js';
import { createLogger } from '../../../src/log.js';
import { listening } from '../contracts/listening.js';
import { systemClock } from '../../../src/time/clock.js';

const log = createLogger('silent');

/** Those of every end. */
export const names = createNames('nearby:test');

/** One server's connections to a Redis, as realtime-backend.ts makes them. */
export async function openRedisEnd(url: string) {
  const commands = await connectRedis(url, commandOptions, log);
  const subscriber = await connectRedis(url, subscriberOptions, log);
  const created = createRedisTopics(
    createRedisSubscriber(subscriber, systemClock),
    createPublisher(commands, systemClock),
    names,
    log,
    systemClock,
  );
  const topics = { ...created, ...listening(created) };
  return {
    commands,
    topics,
    close() {
      topics.close();
      commands.disconnect();
    },
  };
}

export type RedisEnd = Awaited<ReturnType<typeof openRedisEnd>>;

/** The same to a Redis Cluster. */
export async function openClusterEnd(urls: readonly URL[]) {
  const commands = await connectRedisCluster(urls, log);
  const created = createRedisTopics(
    createClusterSubscriber(commands, log, systemClock),
    createPublisher(commands, systemClock),
    names,
    log,
    systemClock,
  );
  const topics = { ...created, ...listening(created) };
  return {
    commands,
    topics,
    close() {
      topics.close();
      commands.disconnect();
    },
  };
}

export type ClusterEnd = Awaited<ReturnType<typeof openClusterEnd>>;
