/** Servers whose clock is set while they run: lists go on. The shift is emulated in the server's process alone. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config.js';
import { createLogger } from '../../src/log.js';
import { startNode } from '../../src/node.js';
import { ask, signUpFriends, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { type ServerProgram, startServer } from '../support/server-program.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: -1.29, longitude: 36.82 };
const FRAME_INTERVAL_MS = 100;
let database: TestDatabase;
let redis: TestRedis;
beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
});
afterAll(async () => {
  await redis.close();
  await database.drop();
});

const settings = { LOCATION_TTL_SECONDS: '600', FRAME_INTERVAL_MS: String(FRAME_INTERVAL_MS) };

/** A server whose clock is wrong from the start or once it is set. */
function startWithClock(shifts: { START_SHIFT_MS?: string; SHIFT_MS: string }): ServerProgram {
  const NODE_OPTIONS = `--import=${resolve('test/support/clock-to-set.mjs')}`;
  return startServer({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    ...settings,
    ...shifts,
    NODE_OPTIONS,
  });
}

async function setClock({ child, output }: ServerProgram): Promise<void> {
  child.kill('SIGUSR2');
  while (!output().includes('the clock is set')) await once(child.stdout ?? child, 'data');
}

const UPDATE = 'mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { recorded } }';

async function report(url: string, user: TestUser, meters: number, recordedAt?: string): Promise<void> {
  const input = { ...travel(HERE, 90, meters), recordedAt };
  expect(await ask(url, user.token, UPDATE, { input })).toEqual({ updateLocation: { recorded: true } });
}

const shows =
  (meters: number) =>
  ({ entries }: NearbyList): boolean =>
    [...entries.values()].some(({ distanceMeters }) => Math.round(distanceMeters) === meters);

const rightNow = (): string => new Date().toISOString();

it('a user who moves from a right server to one that is 30 s slow is seen; one whose clock steps back delivers as before', async () => {
  const wrong = startWithClock({ START_SHIFT_MS: '-30000', SHIFT_MS: '-50000' });
  const right = await startNode(
    { ...readConfig(settings), port: 0, databaseUrl: database.url, redisUrl: redis.url, drainSeconds: 0 },
    { log: createLogger('silent') },
  );
  onTestFinished(() => right.close());
  const slow = await wrong.url;
  const [viewer, friend] = await signUpFriends(right.url);
  await report(right.url, viewer, 0);
  const lists = [follow(right.url, viewer), follow(slow, viewer)];
  const seen = (meters: number, withinMs: number): Promise<unknown> =>
    Promise.all(lists.map((list) => list.until(shows(meters), withinMs)));
  await report(right.url, friend, 100, rightNow());
  await seen(100, 5_000);
  // With the device's own time and without, to and fro.
  for (const [step, recordedAt] of [undefined, rightNow, undefined, rightNow].entries()) {
    await report(slow, friend, 200 + step, recordedAt?.());
    await seen(200 + step, 1_000);
    await report(right.url, friend, 300 + step, recordedAt?.());
    await seen(300 + step, 1_000);
  }

  await setClock(wrong);
  for (let step = 0; step < 10; step++) {
    await report(step % 2 === 0 ? right.url : slow, friend, 400 + step);
    await seen(400 + step, FRAME_INTERVAL_MS + 500);
  }
  for (const { frames } of lists) {
    expect(frames.flatMap(({ left }) => left)).toEqual([]);
    const times = frames.flatMap(({ nearby }) => nearby.map(({ location }) => location.recordedAt));
    expect(times).toEqual(times.toSorted());
  }
});

it.each([-600_000, -120_000, 600_000])('lists go on when the clock is set by %d ms', async (shiftMs) => {
  const server = startWithClock({ SHIFT_MS: String(shiftMs) });
  const url = await server.url;
  const [viewer, friend] = await signUpFriends(url);
  await report(url, viewer, 0);
  const list = follow(url, viewer);
  await report(url, friend, 100);
  await list.until(shows(100));

  await setClock(server);
  for (let step = 1; step <= 5; step++) {
    await report(url, friend, 1_000 + step * 100);
    await list.until(shows(1_000 + step * 100), 2_000);
    await sleep(50);
    await report(url, friend, 2_000 + step * 100, rightNow());
    await list.until(shows(2_000 + step * 100), 2_000);
    await sleep(50);
  }
  expect(list.frames.filter(({ snapshot }) => snapshot)).toHaveLength(1);
  expect(list.frames.flatMap(({ left }) => left)).toEqual([]);
  const later = follow(url, viewer);
  expect((await later.next()).nearby.map(({ distanceMeters }) => Math.round(distanceMeters))).toEqual([
    2_500,
  ]);
  for (const { updatedAt } of later.entries.values()) {
    expect(Math.abs(Date.parse(updatedAt) - Date.now())).toBeLessThan(5_000);
  }
});
