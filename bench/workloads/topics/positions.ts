/** What users' newest places cost Redis, through the project's own code: kept by one script each, read for whole lists. */
import { createPositionCache } from '../../../src/adapters/redis/position-cache.js';
import type { MeasuredRedis } from '../../run/measured-redis.js';
import { record, updateAt, userId } from './samples.js';

export interface PositionCosts {
  /** Of a user's place with its key and its expiry. */
  readonly bytesPerPosition: number;
  readonly recordBytes: number;
  /** Of keeping a place and publishing it to nobody; from eight servers, each of which waits for its answer. */
  readonly microsPerUpdateApart: number;
  /** The same, a thousand at once from one server. */
  readonly microsPerUpdateTogether: number;
  /** Of one place, read with 399 others. */
  readonly microsPerRead: number;
}

const USERS = 50_000;
const USERS_AT_ONCE = 1_000;
const SERVERS = 8;
const UPDATES_APART = 4_000;
const LIST = 400;
const TTL_MS = 600_000;

type Cache = ReturnType<typeof createPositionCache>;

/** @param scale of what is measured, 1 but for a smoke run. */
export async function measurePositions(redis: MeasuredRedis, scale: number): Promise<PositionCosts> {
  const users = Array.from({ length: USERS * scale }, (_, index) => userId(index));
  const caches: Cache[] = [];
  for (let server = 0; server < SERVERS; server++) {
    caches.push(createPositionCache(await redis.connect(), TTL_MS));
  }
  const [cache] = caches;
  if (cache === undefined) throw new Error('no server');
  const startMs = Date.now();
  await cache.publish(userId(0), updateAt(startMs, userId(0))); // Redis knows the script from here on.
  await cache.remove(userId(0));
  const empty = await redis.accounts();
  for (const some of chunks(users, USERS_AT_ONCE)) {
    await Promise.all(some.map((user) => cache.publish(user, updateAt(startMs, userId(0)))));
  }
  const filled = await redis.accounts();
  const apart = users.slice(0, UPDATES_APART * scale);
  await Promise.all(
    caches.map(async (server, index) => {
      for (let at = index; at < apart.length; at += SERVERS) {
        await server.publish(apart[at] ?? '', updateAt(startMs + 1, userId(1)));
      }
    }),
  );
  const updated = await redis.accounts();
  for (const some of chunks(users, LIST)) await cache.newest(some);
  const read = await redis.accounts();
  return {
    bytesPerPosition: (filled.memoryBytes - empty.memoryBytes) / users.length,
    recordBytes: record.length,
    microsPerUpdateApart: (updated.cpuMicros - filled.cpuMicros) / apart.length,
    microsPerUpdateTogether: (filled.cpuMicros - empty.cpuMicros) / users.length,
    microsPerRead: (read.cpuMicros - updated.cpuMicros) / users.length,
  };
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
