/** Two deployments with copies of one database share a Redis, and nothing crosses. */
import { Redis } from 'ioredis';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Config, readConfig } from '../../src/config.js';
import { createLogger } from '../../src/log.js';
import { type Node, startNode } from '../../src/node.js';
import { act, ask, connectForTest, move, signUpFriends } from '../support/api.js';
import { follow, followNearby } from '../support/nearby-list.js';
import { copyDatabase, createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startTestRedis } from '../support/redis.js';
import { startTestRedisCluster } from '../support/redis-cluster.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const THERE = travel(HERE, 90, 100);
const ELSEWHERE = travel(HERE, 0, 400);

const nodes: Node[] = [];
const databases: TestDatabase[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()));
  await Promise.all(databases.splice(0).map((database) => database.drop()));
});

async function start(database: TestDatabase, redis: Partial<Config>): Promise<string> {
  const config = { ...readConfig({}), port: 0, databaseUrl: database.url, frameIntervalMs: 0, ...redis };
  const node = await startNode({ ...config, drainSeconds: 0 }, { log: createLogger('silent') });
  nodes.push(node);
  return node.url;
}

/** @param redis the same for both deployments. */
async function nothingCrosses(redis: Partial<Config>): Promise<void> {
  const original = await createTestDatabase();
  databases.push(original);
  const url = await start(original, redis);
  const [ann, bob] = await signUpFriends(url);
  await nodes.pop()?.close();
  const copy = await copyDatabase(original);
  databases.unshift(copy);

  const production = await start(original, redis);
  const another = await start(original, redis);
  const staging = await start(copy, redis);

  await move(production, ann, HERE);
  await move(another, bob, THERE);
  await move(staging, ann, HERE);
  await move(staging, bob, ELSEWHERE);
  const bobs = connectForTest(production, bob.token);
  let bobsEnd: unknown = null;
  bobs.on('closed', (event) => (bobsEnd = event));
  await followNearby(bobs).next();
  const lists = [production, another, staging].map((server) => follow(server, ann));
  await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id))));

  // Everything that travels over Redis happens in staging.
  await move(staging, bob, travel(HERE, 0, 300));
  await lists[2]?.until(({ entries }) => Math.abs((entries.get(bob.id)?.distanceMeters ?? 0) - 300) < 1);
  expect(await act(staging, ann, `removeFriend(userId: "${bob.id}")`)).toBe(true);
  expect(await act(staging, bob, 'signOut')).toBe(true);
  await lists[2]?.until(({ entries }) => !entries.has(bob.id));

  // The servers of production go on to share: this comes after all that could have crossed.
  await move(another, bob, travel(THERE, 90, 50));
  for (const list of lists.slice(0, 2)) {
    await list.until(({ entries }) => Math.abs((entries.get(bob.id)?.distanceMeters ?? 0) - 150) < 1);
    const distances = list.frames.flatMap(({ nearby }) => nearby.map(({ distanceMeters }) => distanceMeters));
    expect(distances.filter((distance) => distance > 200)).toEqual([]);
    expect(list.frames.filter(({ snapshot }) => snapshot)).toHaveLength(1);
  }
  const { nearbyFriends } = await ask<{ nearbyFriends: { distanceMeters: number }[] }>(
    another,
    ann.token,
    '{ nearbyFriends { distanceMeters } }',
  );
  expect(nearbyFriends.map(({ distanceMeters }) => Math.round(distanceMeters))).toEqual([150]);
  expect(bobsEnd).toBe(null);
}

describe('nothing crosses', () => {
  test('on one Redis, in the same database number', async () => {
    const redis = await startTestRedis();
    onTestFinished(() => redis.close());
    await nothingCrosses({ redisUrl: redis.url });
    const admin = new Redis(redis.url);
    const keys = await admin.keys('*').finally(() => admin.disconnect());
    expect(new Set(keys.map((key) => key.split(':{')[0])).size).toBe(2);
    for (const key of keys) expect(key).toMatch(/^nearby:[\w-]{8}:\{\d+\}:(position|limit):/);
  });

  test('on one Redis Cluster', async () => {
    const redis = await startTestRedisCluster({ replicas: 0 });
    onTestFinished(() => redis.close());
    await nothingCrosses({ redisClusterNodes: redis.urls });
  });
});

test('a prefix of its own, or a database number of its own, keeps a deployment apart whatever its database', async () => {
  const redis = await startTestRedis();
  onTestFinished(() => redis.close());
  const database = await createTestDatabase();
  databases.push(database);
  const [one, other, numbered] = [
    await start(database, { redisUrl: redis.url }),
    await start(database, { redisUrl: redis.url, redisPrefix: 'snapshot' }),
    await start(database, { redisUrl: `${redis.url}/1` }),
  ];
  const [ann, bob] = await signUpFriends(one);
  await move(one, ann, HERE);
  for (const server of [one, other, numbered]) await move(server, ann, HERE);
  const list = follow(one, ann);
  await list.next();
  await move(other, bob, ELSEWHERE);
  await move(numbered, bob, ELSEWHERE);
  await move(one, bob, THERE);
  await list.until(({ entries }) => entries.has(bob.id));
  expect(
    list.frames.flatMap(({ nearby }) => nearby.map((entry) => Math.round(entry.distanceMeters))),
  ).toEqual([100]);
});
