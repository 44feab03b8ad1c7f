/** What users feel while PostgreSQL is there and does not answer, or is away, and how soon all is written after it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';
import { createLogger } from '../../src/log.js';
import { startNode } from '../../src/node.js';
import { ask, befriend, codesOf, move, signUp, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { GENEROUS_LIMITS, startTestCluster } from '../support/nodes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { runSql } from '../support/postgres.js';
import { startTestRedis } from '../support/redis.js';

const FRAME_MS = 250;
const SEEN_WITHIN_MS = 1_000 + FRAME_MS;
const ANSWERED_WITHIN_MS = 3_000;
const WRITTEN_WITHIN_MS = 5_000;
const UPDATE_LOCATIONS = `mutation ($inputs: [UpdateLocationInput!]!) {
  updateLocations(inputs: $inputs) { recorded }
}`;

interface UpdateLocations {
  readonly updateLocations: readonly { readonly recorded: boolean }[];
}

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const startedAt = performance.now();
  return { value: await work, ms: performance.now() - startedAt };
}

const isSeenAt = (list: NearbyList, { id }: TestUser, longitude: number): Promise<void> =>
  list.until(({ entries }) => entries.get(id)?.location.longitude === longitude);

const historyLength = async (url: string, { token }: TestUser): Promise<number> =>
  (
    await ask<{ locationHistory: { edges: readonly unknown[] } }>(
      url,
      token,
      '{ locationHistory { edges { node { latitude } } } }',
    )
  ).locationHistory.edges.length;

test('a PostgreSQL that hangs slows nobody who was signed in, and all is written soon after it', async () => {
  const [postgres, redis] = await Promise.all([startOwnPostgres(), startTestRedis()]);
  cleanups.push(postgres.close, redis.close);
  const node = await startNode(
    {
      ...readConfig({}),
      limits: GENEROUS_LIMITS,
      port: 0,
      databaseUrl: postgres.url,
      redisUrl: redis.url,
      frameIntervalMs: FRAME_MS,
      drainSeconds: 0,
    },
    { log: createLogger('silent') },
  );
  cleanups.push(() => node.close());
  const { url } = node;
  const [viewer, stranger, uploader, ...movers] = await Promise.all(
    Array.from({ length: 11 }, () => signUp(url)),
  );
  if (viewer === undefined || stranger === undefined || uploader === undefined)
    throw new Error('all signed up');
  const friends = [uploader, ...movers];
  for (const friend of friends) await befriend(url, viewer, friend);
  const list = follow(url, viewer);
  await move(url, viewer, { latitude: 1, longitude: 10 });
  for (const friend of friends) await move(url, friend, { latitude: 1, longitude: 10 });
  await list.until(({ entries }) => entries.size === friends.length);

  await postgres.freeze();
  // Each reports once, as a device does that reports every half a minute.
  const reports = movers.map(async (mover, index) => {
    await sleep(index * 300);
    const longitude = (100_010 + index) / 10_000;
    const [answered, seen] = await Promise.all([
      timed(move(url, mover, { latitude: 1, longitude })),
      timed(isSeenAt(list, mover, longitude)),
    ]);
    return { recorded: answered.value.recorded, answeredMs: answered.ms, seenMs: seen.ms };
  });
  const recordedAt = new Date().toISOString();
  const inputs = [10.002, 10.003].map((longitude) => ({
    latitude: 1,
    longitude,
    id: randomUUID(),
    recordedAt,
  }));
  const upload = async () => {
    const [answered, seen] = await Promise.all([
      timed(ask<UpdateLocations>(url, uploader.token, UPDATE_LOCATIONS, { inputs })),
      timed(list.until(({ entries }) => (entries.get(uploader.id)?.location.longitude ?? 0) > 10.001)),
    ]);
    const recorded = answered.value.updateLocations.some((each) => each.recorded);
    return { recorded, answeredMs: answered.ms, seenMs: seen.ms };
  };
  const [updates, refused] = await Promise.all([
    Promise.all([upload(), ...reports]),
    timed(codesOf(url, stranger.token, '{ me { handle } }')),
  ]);
  // Whose session this server has not seen live is not let in.
  expect(refused.value).toEqual(['UNAVAILABLE']);
  expect(refused.ms).toBeLessThan(ANSWERED_WITHIN_MS);
  postgres.thaw();
  const thawedAt = performance.now();

  expect(updates.map(({ recorded }) => recorded)).toEqual(updates.map(() => false));
  expect(Math.max(...updates.map(({ answeredMs }) => answeredMs))).toBeLessThan(ANSWERED_WITHIN_MS);
  expect(Math.max(...updates.map(({ seenMs }) => seenMs))).toBeLessThan(SEEN_WITHIN_MS);
  for (const mover of movers) {
    await expect.poll(() => historyLength(url, mover), { timeout: WRITTEN_WITHIN_MS }).toBe(2);
  }
  expect(await historyLength(url, uploader)).toBe(3);
  expect(performance.now() - thawedAt).toBeLessThan(WRITTEN_WITHIN_MS);
  expect(await codesOf(url, stranger.token, '{ me { handle } }')).toEqual([]);
  // An end of a session counts at once again.
  expect(await codesOf(url, stranger.token, 'mutation { signOut }')).toEqual([]);
  expect(await codesOf(url, stranger.token, '{ me { handle } }')).toEqual(['UNAUTHENTICATED']);
});

test('what is held while PostgreSQL is away is written within seconds of its return, however long it was', async () => {
  const { urls, database, close } = await startTestCluster(1);
  cleanups.push(close);
  const [url = ''] = urls;
  const name = new URL(database.url).pathname.slice(1);
  const ann = await signUp(url);
  await move(url, ann, { latitude: 1, longitude: 1 });

  await runSql(
    database.url,
    `ALTER DATABASE ${name} ALLOW_CONNECTIONS false;
     SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
    'postgres',
  );
  const outage = sleep(6_600);
  expect(await move(url, ann, { latitude: 1, longitude: 1.0001 })).toMatchObject({ recorded: false });
  await outage;
  await runSql(database.url, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`, 'postgres');
  const backAt = performance.now();
  await expect.poll(() => historyLength(url, ann).catch(() => 0), { timeout: WRITTEN_WITHIN_MS }).toBe(2);
  expect(performance.now() - backAt).toBeLessThan(2_500);
});
