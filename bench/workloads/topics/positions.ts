/** What users' newest places cost Redis, through the project's own code: kept by one script each, read for whole lists. */
import { Redis } from 'ioredis';
import { createPositionCache } from '../../../src/adapters/redis/position-cache.js';
import type { MeasuredRedis } from '../../run/measured-redis.js';
import { record, updateAt, userId } from './samples.js';

export interface PositionCosts {
  /** Of a user's place with its key and its expiry. */
  readonly bytesPerPosition: number;
  readonly recordBytes: number;
  /** Of keeping a place and publishing it to nobody, each waiting for the one before. */
  readonly microsPerUpdateAlone: number;
  /** The same, many at once. */
  readonly microsPerUpdateInPipeline: number;
  /** Of one place, read with 399 others. */
  readonly microsPerRead: number;
}

const USERS = 100_000;
const USERS_AT_ONCE = 1_000;
const ALONE = 3_000;
const LIST = 400;
const TTL_MS = 600_000;

/** @param scale of what is measured, 1 but for a smoke run. */
export async function measurePositions(redis: MeasuredRedis, scale: number): Promise<PositionCosts> {
  const client = new Redis(redis.url, { enableAutoPipelining: true });
  const users = Array.from({ length: USERS * scale }, (_, index) => userId(index));
  const alone = users.slice(0, ALONE * scale);
  try {
    const cache = createPositionCache(client, TTL_MS);
    const startMs = Date.now();
    await cache.publish(userId(0), updateAt(startMs, userId(0))); // Redis knows the script from here on.
    await cache.remove(userId(0));
    const empty = await redis.accounts();
    for (const some of chunks(users, USERS_AT_ONCE)) {
      await Promise.all(some.map((user) => cache.publish(user, updateAt(startMs, userId(0)))));
    }
    const filled = await redis.accounts();
    for (const user of alone) await cache.publish(user, updateAt(startMs + 1, userId(1)));
    const updated = await redis.accounts();
    for (const some of chunks(users, LIST)) await cache.newest(some);
    const read = await redis.accounts();
    return {
      bytesPerPosition: (filled.memoryBytes - empty.memoryBytes) / users.length,
      recordBytes: record.length,
      microsPerUpdateAlone: (updated.cpuMicros - filled.cpuMicros) / alone.length,
      microsPerUpdateInPipeline: (filled.cpuMicros - empty.cpuMicros) / users.length,
      microsPerRead: (read.cpuMicros - updated.cpuMicros) / users.length,
    };
  } finally {
    client.disconnect();
  }
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
