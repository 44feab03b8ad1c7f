/** Publishes the updates of friends who are connected to other servers, by the project's own code. */
import { v7 as newId } from 'uuid';
import { createLocationStore } from '../../src/adapters/redis/location-store.js';
import { createNames } from '../../src/adapters/redis/partitions.js';
import { connectRedisCluster } from '../../src/adapters/redis/redis-client.js';
import { createLogger } from '../../src/log.js';
import { systemClock } from '../../src/time/clock.js';
import type { Place } from './walks.js';

/** The server's REDIS_PREFIX. */
export const PREFIX = 'nearby:bench';

/** The server's default. */
const LOCATION_TTL_MS = 600_000;

export type Elsewhere = Awaited<ReturnType<typeof connectElsewhere>>;

/** @param nodes as REDIS_CLUSTER_NODES names them. */
export async function connectElsewhere(nodes: string) {
  const urls = nodes.split(',').map((node) => new URL(node));
  const redis = await connectRedisCluster(urls, createLogger('warn'));
  const positions = createLocationStore(redis, LOCATION_TTL_MS, createNames(PREFIX), systemClock);

  return {
    /** @param number of the update, see changes.ts. */
    async move(userId: string, { latitude, longitude }: Place, number: number): Promise<void> {
      const nowMs = Date.now();
      const times = { recordedAtMs: nowMs, receivedAtMs: nowMs };
      await positions.publish(userId, {
        id: newId(),
        latitude,
        longitude,
        accuracyMeters: number,
        ...times,
      });
    },

    close: () => redis.disconnect(),
  };
}
