/** Friends who are connected to other servers: what those would tell Redis of them, by the project's own code. */
import { v7 as newId } from 'uuid';
import { createPositionCache } from '../../src/adapters/redis/position-cache.js';
import { connectRedisCluster } from '../../src/adapters/redis/redis-client.js';
import type { GeoPoint } from '../../src/domain/distance.js';
import { createLogger } from '../../src/log.js';

/** The server's default. */
const LOCATION_TTL_MS = 600_000;

export type Elsewhere = Awaited<ReturnType<typeof connectElsewhere>>;

/** @param nodes of the Redis Cluster. */
export async function connectElsewhere(nodes: readonly URL[]) {
  const redis = await connectRedisCluster(nodes, createLogger('warn'));
  const locations = createPositionCache(redis, LOCATION_TTL_MS);

  return {
    /** @param number of the update, see changes.ts. */
    async move(userId: string, { latitude, longitude }: GeoPoint, number: number): Promise<void> {
      const nowMs = Date.now();
      await locations.publish(userId, {
        id: newId(),
        latitude,
        longitude,
        accuracyMeters: number,
        recordedAtMs: nowMs,
        receivedAtMs: nowMs,
      });
    },

    close: () => redis.disconnect(),
  };
}
