/** Limits over a real Redis, a real cluster, and without either. */
import { Redis } from 'ioredis';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { type KeyRing, ringOf } from '../../src/adapters/jwt/key-ring.js';
import { generateSigningKey, signingKeyFromJwk } from '../../src/adapters/jwt/signing-key.js';
import { createRateLimiters, type LimitStore } from '../../src/adapters/rate-limiters.js';
import { createNames } from '../../src/adapters/redis/partitions.js';
import { startTestRedis } from '../support/redis.js';
import { startTestRedisCluster } from '../support/redis-cluster.js';
import { openClusterEnd, openRedisEnd } from './redis/redis-end.js';

const THREE = { points: 3, seconds: 60 };
const ADDRESS = '192.0.2.77';
const names = createNames('nearby:limits');
let keys: KeyRing;

beforeAll(async () => {
  keys = ringOf(await signingKeyFromJwk((await generateSigningKey()).privateJwk));
});

/** What two servers that share a store let through, of six attempts in turn. */
async function passedOf(stores: readonly [LimitStore, LimitStore]): Promise<number> {
  const [here, there] = stores.map((store) => createRateLimiters(store, keys)('tries', THREE));
  let passed = 0;
  for (let attempt = 0; attempt < 3; attempt++) {
    for (const limiter of [here, there]) if ((await limiter?.count(ADDRESS)) === null) passed += 1;
  }
  return passed;
}

test('servers count together; the address is not in Redis, and what is there goes with the window', async () => {
  const redis = await startTestRedis();
  const admin = new Redis(redis.url);
  const ends = [await openRedisEnd(redis.url), await openRedisEnd(redis.url)] as const;
  onTestFinished(async () => {
    for (const end of ends) end.close();
    admin.disconnect();
    await redis.close();
  });
  const storeOf = ({ commands }: (typeof ends)[number]) => ({ redis: commands, names });
  expect(await passedOf([storeOf(ends[0]), storeOf(ends[1])])).toBe(3);
  const limiter = createRateLimiters(storeOf(ends[0]), keys)('tries', THREE);
  expect(await limiter.waitOf(ADDRESS)).toBeGreaterThan(50_000);
  expect(await limiter.waitOf('192.0.2.78')).toBeNull();
  const stored = await admin.keys('*');
  expect(stored).not.toEqual([]);
  for (const key of stored) {
    expect(key).toMatch(/^nearby:limits:\{\d+\}:limit:[\w-]{22}$/);
    expect(await admin.pttl(key)).toBeGreaterThan(0);
    expect(await admin.pttl(key)).toBeLessThanOrEqual(60_000);
  }
  // Another deployment's key makes another name of the same address.
  const others = ringOf(await signingKeyFromJwk((await generateSigningKey()).privateJwk));
  expect(await createRateLimiters(storeOf(ends[0]), others)('tries', THREE).count(ADDRESS)).toBeNull();
});

test('while Redis is away, and while it says nothing, each server counts by itself', async () => {
  const redis = await startTestRedis();
  const end = await openRedisEnd(redis.url);
  onTestFinished(async () => {
    end.close();
    await redis.close();
  });
  const limiter = createRateLimiters({ redis: end.commands, names }, keys)('tries', THREE);
  expect(await limiter.count(ADDRESS)).toBeNull();
  await redis.kill9();
  await vi.waitFor(() => expect(end.commands.status).not.toBe('ready'), { timeout: 10_000 });
  for (let attempt = 0; attempt < 3; attempt++) expect(await limiter.count(ADDRESS)).toBeNull();
  expect(await limiter.count(ADDRESS)).toBeGreaterThan(0);
  expect(await limiter.waitOf(ADDRESS)).toBeGreaterThan(0);
  await limiter.takeBack(ADDRESS);
  await redis.restart();
  await vi.waitFor(() => expect(end.commands.status).toBe('ready'), 5_000);
  expect(await limiter.count(ADDRESS)).toBeNull();
  redis.signal('SIGSTOP');
  expect(await limiter.count('198.51.100.1')).toBeNull();
  redis.signal('SIGCONT');
});

test('what is counted together alone is not counted while Redis is away', async () => {
  const redis = await startTestRedis();
  const end = await openRedisEnd(redis.url);
  onTestFinished(async () => {
    end.close();
    await redis.close();
  });
  const limiters = createRateLimiters({ redis: end.commands, names }, keys);
  const limiter = limiters('once', { points: 1, seconds: 60, onlyTogether: true });
  expect(await limiter.count(ADDRESS)).toBeNull();
  expect(await limiter.count(ADDRESS)).toBeGreaterThan(0);
  await redis.kill9();
  await vi.waitFor(() => expect(end.commands.status).not.toBe('ready'), { timeout: 10_000 });
  await expect(limiter.count('198.51.100.1')).rejects.toThrow();
  await redis.restart();
  await vi.waitFor(() => expect(end.commands.status).toBe('ready'), 5_000);
  expect(await limiter.count('198.51.100.1')).toBeNull();
});

test('in a cluster, each key lies in a slot of its own partition', async () => {
  const cluster = await startTestRedisCluster({ replicas: 0 });
  const ends = [await openClusterEnd(cluster.urls), await openClusterEnd(cluster.urls)] as const;
  onTestFinished(async () => {
    for (const end of ends) end.close();
    await cluster.close();
  });
  const storeOf = ({ commands }: (typeof ends)[number]) => ({ redis: commands, names });
  expect(await passedOf([storeOf(ends[0]), storeOf(ends[1])])).toBe(3);
  const limiter = createRateLimiters(storeOf(ends[0]), keys)('tries', THREE);
  await Promise.all(Array.from({ length: 50 }, (_, nth) => limiter.count(`10.0.0.${nth}`)));
  const counts = await Promise.all(cluster.members.map(({ commands }) => commands.dbsize()));
  for (const count of counts) expect(count).toBeGreaterThan(5);
});

test('without Redis the one server counts', async () => {
  const limiter = createRateLimiters(null, keys)('tries', THREE);
  for (let attempt = 0; attempt < 3; attempt++) expect(await limiter.count(ADDRESS)).toBeNull();
  expect(await limiter.count(ADDRESS)).toBeGreaterThan(0);
});
