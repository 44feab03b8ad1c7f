/** Friends who are connected to other servers: what those would tell Redis of them, by the project's own code. */
import { Redis } from 'ioredis';
import { v7 as newId } from 'uuid';
import { createPositionCache } from '../../src/adapters/redis/position-cache.js';
import type { GeoPoint } from '../../src/domain/distance.js';

/** The server's default. */
const LOCATION_TTL_MS = 600_000;

export type Elsewhere = ReturnType<typeof createElsewhere>;

export function createElsewhere(redisUrl: string) {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true });
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
