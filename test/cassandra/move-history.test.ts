/** `npm run move-history`, as operators start it and users notice it, between servers that run. */
import { randomUUID } from 'node:crypto';
import type { Client } from 'cassandra-driver';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectCassandra } from '../../src/adapters/cassandra/client.js';
import { dateOf, dayOf } from '../../src/adapters/cassandra/days.js';
import { createHistoryWriter } from '../../src/adapters/postgres/history-writer.js';
import { createPool } from '../../src/adapters/postgres/pool.js';
import { createLogger } from '../../src/log.js';
import type { HistoryRow } from '../../src/services/history-buffer.js';
import { ask, codesOf, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { createTestDatabase } from '../support/postgres.js';
import { startProgram } from '../support/program.js';
import { startTestRedis } from '../support/redis.js';
import { startServer } from '../support/server-program.js';
import { createKeyspace, openCassandraHistory, type TestKeyspace } from './cassandra-history.js';

const DAY_MS = 86_400_000;
const UPDATE = `mutation ($id: ID!, $latitude: Latitude!, $at: DateTime) {
  updateLocation(input: { id: $id, latitude: $latitude, longitude: 2, recordedAt: $at }) { recorded }
}`;
const HISTORY = `query ($after: String) {
  locationHistory(first: 1000, after: $after) { edges { node { latitude } } pageInfo { hasNextPage endCursor } }
}`;

interface HistoryPage {
  readonly edges: readonly { readonly node: { readonly latitude: number } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** What the user sees of the history, newest first. */
async function latitudesOf(url: string, { token }: Pick<TestUser, 'token'>): Promise<number[]> {
  const latitudes: number[] = [];
  for (let after: string | null = null, more = true; more;) {
    const { locationHistory }: { locationHistory: HistoryPage } = await ask(url, token, HISTORY, { after });
    latitudes.push(...locationHistory.edges.map(({ node }) => node.latitude));
    ({ endCursor: after, hasNextPage: more } = locationHistory.pageInfo);
  }
  return latitudes;
}

/** Rows of a minute each, the newest `daysAgo` before now; each has a latitude of its own, from `from` upwards. */
function rowsOf(userId: string, count: number, daysAgo: number, from = 0): HistoryRow[] {
  const newestMs = Date.now() - daysAgo * DAY_MS;
  return Array.from({ length: count }, (_, nth) => ({
    userId,
    id: randomUUID(),
    fingerprint: nth % 10 === 0 ? randomUUID() : null,
    latitude: (from + nth) / 1_000,
    longitude: 2,
    accuracyMeters: nth % 2 === 0 ? null : 12.5,
    speedMetersPerSecond: nth % 3 === 0 ? undefined : 1.234,
    headingDegrees: nth % 3 === 0 ? undefined : 359.987,
    recordedAtMs: newestMs - nth * 60_000,
    receivedAtMs: newestMs - nth * 60_000 + 321,
  }));
}

const latitudes = (rows: readonly HistoryRow[]): number[] => rows.map(({ latitude }) => latitude);

async function rowsLeft(pool: pg.Pool, userId?: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'SELECT count(*)::int FROM location_history WHERE user_id = coalesce($1, user_id)',
    [userId],
  );
  return rows[0]?.count ?? NaN;
}

test(
  'after a rolling restart, while a server takes updates: nothing is missing at any time, and retries are known',
  { timeout: 120_000 },
  async () => {
    const [database, redis, keyspace] = await Promise.all([
      createTestDatabase(),
      startTestRedis(),
      createKeyspace(),
    ]);
    const pool = createPool(database.url, { log: createLogger('silent'), applicationName: 'test' });
    const settings = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    const withCassandra = { ...settings, HISTORY_CASSANDRA: keyspace.setting };
    const oldServer = startServer(settings);
    const oldUrl = await oldServer.url;
    const [ann, bob] = [await signUp(oldUrl), await signUp(oldUrl)];
    const sent = { id: randomUUID(), latitude: 50 };
    expect(await ask(oldUrl, ann.token, UPDATE, sent)).toEqual({ updateLocation: { recorded: true } });
    const old = [...rowsOf(ann.id, 900, 1), ...rowsOf(ann.id, 300, 40, 1_000)];
    await createHistoryWriter(pool).write([...old, ...rowsOf(bob.id, 50, 1)]);
    const before = [50, ...latitudes(old)];

    const newServer = startServer(withCassandra);
    const url = await newServer.url;
    const move = () => startProgram('src/cli/move-history.ts', [], withCassandra);
    const tooEarly = await move().ended;
    expect(tooEarly).toMatchObject({ status: 1, stdout: '' });
    expect(tooEarly.stderr).toMatch(
      /^A server without HISTORY_CASSANDRA is still connected to PostgreSQL[^\n]*\n$/,
    );
    expect(await rowsLeft(pool)).toBe(1_251);
    oldServer.child.kill('SIGTERM');
    await oldServer.ended;

    const program = move();
    let isMoving = true;
    const ended = program.ended.finally(() => (isMoving = false));
    const reported: number[] = [];
    while (isMoving) {
      const latitude = 60 + reported.length / 1_000;
      await ask(url, ann.token, UPDATE, { id: randomUUID(), latitude });
      reported.unshift(latitude);
      expect(await latitudesOf(url, ann)).toEqual([...reported, ...before]);
    }
    const { status, stdout, stderr } = await ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('1251 rows moved, with the same counts and hashes.');
    expect(lines.at(-2)).toMatch(
      /^\d{4}-\d\d-\d\d: 1 of 1 users, \d+ of \d+ rows; \d+ rows a second; then 0 days with 0 rows$/,
    );
    expect(await rowsLeft(pool)).toBe(0);
    expect((await pool.query('SELECT FROM location_ids')).rowCount).toBe(0);
    expect(await latitudesOf(url, ann)).toEqual([...reported, ...before]);
    expect(await latitudesOf(url, bob)).toHaveLength(50);

    // The server gave it its time, so only the id tells that it came before.
    await ask(url, ann.token, UPDATE, sent);
    expect(await codesOf(url, ann.token, UPDATE, { ...sent, latitude: 51 })).toEqual(['CONFLICT']);
    expect(await latitudesOf(url, ann)).toEqual([...reported, ...before]);

    newServer.child.kill('SIGTERM');
    await newServer.ended;
    await pool.end();
    await Promise.all([redis.close(), database.drop(), keyspace.drop()]);
  },
);

const REMEMBERED_IDS = `
SELECT * FROM location_ids WHERE recorded_at > now() - interval '2 days' ORDER BY user_id, id`;

test(
  'there and back, PostgreSQL has what it had and Cassandra no location',
  { timeout: 120_000 },
  async () => {
    const history = await openCassandraHistory();
    const { pool, client } = history;
    let settings = { DATABASE_URL: history.database.url, HISTORY_CASSANDRA: history.setting };
    const move = (...options: string[]) => startProgram('src/cli/move-history.ts', options, settings).ended;
    const [ann, bob] = [await history.newUser(), await history.newUser()];
    await createHistoryWriter(pool).write(
      [ann, bob].flatMap((id) => [0, 1, 50].flatMap((day) => rowsOf(id, 200, day))),
    );
    const contents = async () => [
      (await pool.query('SELECT * FROM location_history ORDER BY user_id, recorded_at, id')).rows,
      // Older ids are forgotten.
      (await pool.query(REMEMBERED_IDS)).rows,
    ];
    const before = await contents();
    expect(before.map(({ length }) => length)).toEqual([1_200, 80]);
    const moved = { status: 0, stdout: expect.stringContaining('1200 rows moved') as string, stderr: '' };
    expect(await move()).toEqual(moved);
    expect(await contents()).toEqual([[], []]);

    const server = createPool(history.database.url, { log: createLogger('silent') });
    await server.query('SELECT');
    const refused = await move('--back');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^A server is connected to PostgreSQL, or was until now\. Stop all servers[^\n]*\n$/,
    );
    await server.end();

    const another = createPool(history.database.url, {
      log: createLogger('silent'),
      applicationName: 'nearby-friends move-history',
    });
    await another.query('SELECT');
    for (const options of [[], ['--back']]) {
      const { status, stderr } = await move(...options);
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/^Another npm run move-history is at it[^\n]*\n$/),
      ]);
    }
    await another.end();

    // By mistake without the days of before: what is not seen then stays where it is.
    const [all] = [settings];
    settings = { ...all, HISTORY_RETENTION_DAYS: '30' } as typeof all;
    expect(await move('--back')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('800 rows moved') as string,
    });
    settings = all;
    expect(await move('--back')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('400 rows moved') as string,
    });
    expect(await contents()).toEqual(before);
    for (const table of ['locations', 'location_ids']) {
      expect((await client.execute(`SELECT user_id FROM ${table}`)).rowLength).toBe(0);
    }
    await history.close();
  },
);

describe('with a server whose history is in Cassandra', () => {
  let keyspace: TestKeyspace;
  let cluster: TestCluster;
  let pool: pg.Pool;
  let client: Client;
  let ann: TestUser;
  let bob: TestUser;
  let cleo: TestUser;

  beforeAll(async () => {
    keyspace = await createKeyspace();
    cluster = await startTestCluster(1, { historyCassandra: keyspace.address });
    pool = createPool(cluster.database.url, { log: createLogger('silent'), applicationName: 'test' });
    client = await connectCassandra(keyspace.address);
  });
  afterAll(async () => {
    await client.shutdown();
    await pool.end();
    await cluster.close();
    await keyspace.drop();
  });
  beforeEach(async () => {
    [ann, bob, cleo] = [await signUp(url()), await signUp(url()), await signUp(url())];
  });
  afterEach(() => pool.query('TRUNCATE location_history, location_ids'));

  const url = (): string => cluster.urls[0] ?? '';
  const move = (...options: string[]) =>
    startProgram('src/cli/move-history.ts', options, {
      DATABASE_URL: cluster.database.url,
      HISTORY_CASSANDRA: keyspace.setting,
    });
  const write = (rows: readonly HistoryRow[]) => createHistoryWriter(pool).write(rows);

  async function inCassandra(userId: string): Promise<number[]> {
    const tables = ['locations', 'location_ids', 'location_days'];
    const counts = tables.map(async (table) => {
      const query = `SELECT user_id FROM ${table} WHERE user_id = ? ALLOW FILTERING`;
      return (await client.execute(query, [userId])).rowLength;
    });
    return Promise.all(counts);
  }

  test(
    'a run that is killed, and one that is told to stop, lose nothing; the next one goes on',
    { timeout: 120_000 },
    async () => {
      const rows = [0, 1, 2].flatMap((day) => rowsOf(ann.id, 1_300, day + 1, day * 2_000));
      await write(rows);
      const first = move('--at-once', '2');
      await expect.poll(() => rowsLeft(pool), { timeout: 40_000, interval: 20 }).toBeLessThan(rows.length);
      first.child.kill('SIGKILL');
      expect(await first.ended).toMatchObject({ status: null });
      const left = await rowsLeft(pool);
      expect(left).toBeGreaterThan(500);
      expect(await latitudesOf(url(), ann)).toEqual(latitudes(rows));

      const second = move('--at-once', '2');
      await expect.poll(() => rowsLeft(pool), { timeout: 40_000, interval: 20 }).toBeLessThan(left);
      second.child.kill('SIGTERM');
      const stopped = await second.ended;
      expect({ ...stopped, stdout: '' }).toEqual({
        status: 143,
        stdout: '',
        stderr: 'Stopped. Run it again to go on.\n',
      });
      expect(await rowsLeft(pool)).toBeGreaterThan(0);

      expect(await move().ended).toMatchObject({ status: 0, stderr: '' });
      expect(await rowsLeft(pool)).toBe(0);
      expect(await latitudesOf(url(), ann)).toEqual(latitudes(rows));
      const back = await move('--back').ended;
      expect(back).toMatchObject({ status: 1, stdout: '' });
      expect(back.stderr).toMatch(/^A server is connected to PostgreSQL/);
      expect(await move().ended).toMatchObject({
        status: 0,
        stdout: '0 rows moved, with the same counts and hashes.\n',
      });
    },
  );

  test('what a user deletes while it is moved does not come back', { timeout: 120_000 }, async () => {
    const users = [ann, bob, cleo];
    await write(users.flatMap(({ id }) => [1, 2].flatMap((day) => rowsOf(id, 700, day, day * 1_000))));
    const program = move('--at-once', '2');
    await expect.poll(() => rowsLeft(pool), { timeout: 40_000, interval: 20 }).toBeLessThan(4_200);
    await Promise.all([
      ask(url(), ann.token, 'mutation { deleteLocationHistory }'),
      ask(url(), bob.token, 'mutation { deleteAccount }'),
    ]);
    const leftAtDeletion = await rowsLeft(pool);
    expect(leftAtDeletion).toBeGreaterThan(0);
    expect(await program.ended).toMatchObject({ status: 0, stderr: '' });
    await expect.poll(() => inCassandra(bob.id)).toEqual([0, 0, 0]);
    expect((await inCassandra(ann.id)).slice(0, 2)).toEqual([0, 0]);
    expect(await latitudesOf(url(), ann)).toEqual([]);
    expect(await latitudesOf(url(), cleo)).toHaveLength(1_400);
    expect(await rowsLeft(pool)).toBe(0);
  });

  test('a copy that differs stays in PostgreSQL, and is named', async () => {
    const rows = [...rowsOf(ann.id, 20, 3), ...rowsOf(bob.id, 20, 3)];
    await write(rows);
    const [changed] = rows;
    if (changed === undefined) throw new Error('no rows');
    const day = dayOf(changed.recordedAtMs);
    // Somebody changed it by hand, with a clock that is ahead.
    const statement =
      'UPDATE locations USING TIMESTAMP ? SET latitude = 80 WHERE user_id = ? AND day = ? AND recorded_at = ? AND id = ?';
    const key = [ann.id, dateOf(day), new Date(changed.recordedAtMs), changed.id];
    const aheadMicros = BigInt(Date.now() + DAY_MS) * 1_000n;
    await client.execute(statement, [aheadMicros, ...key]);
    const { status, stdout, stderr } = await move().ended;
    const date = new Date(changed.recordedAtMs).toISOString().slice(0, 10);
    expect(status).toBe(1);
    expect(stderr).toBe(`The copy for user ${ann.id} on ${date} differs: nothing of it was deleted.\n`);
    expect(stdout).toContain('rows moved, with the same counts and hashes.\n');
    expect([await rowsLeft(pool, ann.id), await rowsLeft(pool, bob.id)]).toEqual([20, 0]);

    // And somebody deleted it.
    await client.execute(
      'DELETE FROM locations USING TIMESTAMP ? WHERE user_id = ? AND day = ? AND recorded_at = ? AND id = ?',
      [aheadMicros + 1n, ...key],
    );
    expect(await move().ended).toMatchObject({ status: 1 });
    expect(await rowsLeft(pool, ann.id)).toBe(20);
  });
});
