/** Servers behind PgBouncer with its default settings, which hands every transaction another connection. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';
import { createLogger } from '../../src/log.js';
import { type Node, startNode } from '../../src/node.js';
import { act, ask, move, signUp, signUpFriends, type TestUser } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { GENEROUS_LIMITS } from '../support/nodes.js';
import { pgBouncerVersion, startPgBouncer } from '../support/pgbouncer.js';
import { createEmptyDatabase, runSql, type TestDatabase } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 27.7, longitude: 85.3 };
const PAUSE_MS = 2_500;
const UPDATES = 40;

const cleanups: (() => Promise<unknown>)[] = [];
let database: TestDatabase;
let redis: TestRedis;
beforeEach(async () => {
  [database, redis] = await Promise.all([createEmptyDatabase(), startTestRedis()]);
  cleanups.push(() => database.drop(), redis.close);
  // Neither the zone nor the way to write dates is the one in which times are stored and read.
  await runSql(
    database.url,
    `DO $$ BEGIN
       EXECUTE format('ALTER DATABASE %I SET timezone TO %L', current_database(), 'Asia/Kathmandu');
       EXECUTE format('ALTER DATABASE %I SET datestyle TO %L', current_database(), 'SQL, DMY');
     END $$`,
  );
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function pooled(...settings: string[]): Promise<string> {
  const { url, close } = await startPgBouncer(database.url, settings);
  cleanups.push(close);
  return url;
}

async function start(databaseUrl: string): Promise<Node> {
  const config = {
    ...readConfig({}),
    limits: GENEROUS_LIMITS,
    port: 0,
    redisUrl: redis.url,
    frameIntervalMs: 0,
    drainSeconds: 0,
  };
  const node = await startNode({ ...config, databaseUrl }, { log: createLogger('silent') });
  cleanups.push(() => node.close());
  return node;
}

/** What PostgreSQL itself says, on a connection of our own. */
async function stored<T>(sql: string): Promise<T> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ value: T }>({ text: `SELECT (${sql}) AS value` });
  await client.end();
  return rows[0]?.value as T;
}

async function historyLength(url: string, user: TestUser): Promise<number> {
  const { locationHistory } = await ask<{ locationHistory: { edges: unknown[] } }>(
    url,
    user.token,
    '{ locationHistory(first: 1000) { edges { node { recordedAt } } } }',
  );
  return locationHistory.edges.length;
}

describe.skipIf(pgBouncerVersion === null)(`PgBouncer ${pgBouncerVersion}`, () => {
  test('in transaction mode: three servers at once on an empty database, updates, pauses, rolling restarts', async () => {
    const databaseUrl = await pooled('pool_mode = transaction');
    const nodes = await Promise.all([1, 2, 3].map(() => start(databaseUrl)));
    const url = (index: number): string => nodes[index % 3]?.url ?? '';
    const [ann, bob] = await signUpFriends(url(0));

    // Statements of all servers meet on the same connections.
    const list = follow(url(0), ann);
    const update = async (index: number): Promise<void> => {
      const place = { ...travel(HERE, 90, index), id: randomUUID() };
      expect(await move(url(index), index % 2 === 0 ? ann : bob, place)).toMatchObject({ recorded: true });
    };
    await Promise.all(Array.from({ length: UPDATES }, (_, index) => update(index)));
    await list.until(({ entries }) => entries.has(bob.id));
    for (const index of [0, 1, 2]) expect(await historyLength(url(index), bob)).toBe(UPDATES / 2);

    // Times are instants, whatever the zone.
    const untilMs = Date.now() + PAUSE_MS;
    const until = new Date(untilMs).toISOString();
    await act(url(1), bob, `updateSharing(input: { enabled: false, until: "${until}" }) { until }`);
    expect(
      await stored(
        'SELECT (extract(epoch FROM sharing_until) * 1000)::float8 FROM users WHERE NOT sharing_enabled',
      ),
    ).toBe(untilMs);
    expect(
      await stored(`SELECT max(abs(extract(epoch FROM now() - created_at)))::float8 FROM users`),
    ).toBeLessThan(60);
    await list.until(({ entries }) => !entries.has(bob.id));
    await list.until(({ entries }) => entries.has(bob.id));
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs);
    const carol = await signUp(url(2));
    const { createdAt } = await act<{ createdAt: string }>(
      url(2),
      carol,
      `sendFriendRequest(userId: "${ann.id}") { createdAt }`,
    );
    expect(Math.abs(Date.parse(createdAt) - Date.now())).toBeLessThan(60_000);
    const asked = await ask<{ friendRequests: { edges: { node: { createdAt: string } }[] } }>(
      url(0),
      ann.token,
      '{ friendRequests(direction: INCOMING) { edges { node { createdAt } } } }',
    );
    expect(asked.friendRequests.edges[0]?.node.createdAt).toBe(createdAt);

    for (const index of [0, 1, 2]) {
      await nodes[index]?.close();
      nodes[index] = await start(databaseUrl);
      expect(await move(url(index), bob, HERE)).toMatchObject({ recorded: true });
    }
    const again = follow(url(0), ann);
    await again.until(({ entries }) => entries.has(bob.id));
    expect((await fetch(`${url(1)}/health/ready`)).status).toBe(200);
    expect(
      await stored(
        `SELECT count(*)::int FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory' AND datname = current_database()`,
      ),
    ).toBe(0);
  }, 60_000);

  test('in session mode', async () => {
    const databaseUrl = new URL(await pooled('pool_mode = session'));
    databaseUrl.searchParams.set('schema', 'public'); // As Prisma writes it.
    const { url } = await start(databaseUrl.href);
    const user = await signUp(url);
    expect(await move(url, user, HERE)).toMatchObject({ recorded: true });
    expect(await historyLength(url, user)).toBe(1);
  });

  test('whose database is down is told within 6 s', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const behind = new URL(database.url);
    behind.port = String((nobody.address() as { port: number }).port);
    nobody.close();
    const { url, close } = await startPgBouncer(behind.href, ['pool_mode = transaction']);
    cleanups.push(close);
    const startedAt = performance.now();
    await expect(start(url)).rejects.toThrow(/^DATABASE_URL: [^\n]+\.$/);
    expect(performance.now() - startedAt).toBeLessThan(6_500);
  });

  test.each([[], ['ignore_startup_parameters = search_path']])(
    'refuses ?schema= or drops it, and the start says so in one line',
    async (...settings) => {
      const url = new URL(await pooled('pool_mode = transaction', ...settings));
      await runSql(database.url, 'CREATE SCHEMA other');
      url.searchParams.set('schema', 'other');
      await expect(start(url.href)).rejects.toThrow(/^DATABASE_URL: [^\n]+ALTER ROLE [^\n]+\.$/);
    },
  );
});
