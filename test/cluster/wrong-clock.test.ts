/** Servers whose clock is set while they run: lists go on. The shift is emulated in the server's process alone. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, signUpFriends } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { startServer } from '../support/server-program.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: -1.29, longitude: 36.82 };
/** Sets the clock of a process by SHIFT_MS at SIGUSR2. */
const CLOCK_TO_SET = `
  const Real = Date;
  let shiftMs = 0;
  const now = () => Real.now() + shiftMs;
  globalThis.Date = class extends Real {
    constructor(...given) {
      if (given.length === 0) super(now());
      else super(...given);
    }
    static now = now;
  };
  process.on('SIGUSR2', () => {
    shiftMs = Number(process.env.SHIFT_MS);
    process.stdout.write('the clock is set\\n');
  });
`;

let database: TestDatabase;
let redis: TestRedis;
let folder: string;
beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  folder = await mkdtemp(join(tmpdir(), 'clock-'));
  await writeFile(join(folder, 'clock.mjs'), CLOCK_TO_SET);
});
afterAll(async () => {
  await redis.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

it.each([-600_000, -120_000, 600_000])('lists go on when the clock is set by %d ms', async (shiftMs) => {
  const server = startServer({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    LOCATION_TTL_SECONDS: '600',
    FRAME_INTERVAL_MS: '100',
    SHIFT_MS: String(shiftMs),
    NODE_OPTIONS: `--import=${pathToFileURL(join(folder, 'clock.mjs')).href}`,
  });
  const url = await server.url;
  const [viewer, friend] = await signUpFriends(url);
  const update = 'mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { recorded } }';
  const report = async (meters: number, recordedAt?: string): Promise<void> => {
    const input = { ...travel(HERE, 90, meters), recordedAt };
    expect(await ask(url, friend.token, update, { input })).toEqual({ updateLocation: { recorded: true } });
  };
  await ask(url, viewer.token, update, { input: HERE });
  const list = follow(url, viewer);
  await report(100);
  const shows = (meters: number) => () =>
    [...list.entries.values()].some(({ distanceMeters }) => Math.round(distanceMeters) === meters);
  await list.until(shows(100));

  server.child.kill('SIGUSR2');
  while (!server.output().includes('the clock is set'))
    await once(server.child.stdout ?? server.child, 'data');
  for (let step = 1; step <= 5; step++) {
    await report(1_000 + step * 100);
    await list.until(shows(1_000 + step * 100), 2_000);
    await sleep(50);
    await report(2_000 + step * 100, new Date().toISOString());
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
