/** What users and balancers see while PostgreSQL fails, is full, or does not let us write. */
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';
import { createLogger } from '../../src/log.js';
import { type Node, startNode } from '../../src/node.js';
import { StartupError } from '../../src/startup-error.js';
import { codesOf, move, request, signUp, type TestUser } from '../support/api.js';
import { GENEROUS_LIMITS } from '../support/nodes.js';
import {
  createTestDatabase,
  createTestRole,
  runSql,
  type TestDatabase,
  type TestRole,
} from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const OUTAGE_MS = 2_000;
const LONGEST_INTERVAL_MS = 100;
const CLIENTS = 40;
const FRIENDS = 5;

const cleanups: (() => Promise<unknown>)[] = [];
let database: TestDatabase;
let redis: TestRedis;
beforeEach(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  cleanups.push(database.drop, redis.close);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(
  databaseUrl: string,
  databasePoolSize = 20,
  log = createLogger('silent'),
): Promise<Node> {
  const config = {
    ...readConfig({}),
    limits: GENEROUS_LIMITS,
    port: 0,
    redisUrl: redis.url,
    drainSeconds: 0,
  };
  const node = await startNode({ ...config, databaseUrl, databasePoolSize }, { log });
  cleanups.push(() => node.close());
  return node;
}

/** A role that may read and write every table, but owns none. */
async function ordinaryRole(options?: string): Promise<TestRole> {
  const role = await createTestRole(database, options);
  // It owns nothing in other databases, so it goes once its database is gone.
  cleanups.unshift(role.drop);
  await runSql(
    database.url,
    `GRANT USAGE ON SCHEMA public TO ${role.name};
     GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role.name}`,
  );
  return role;
}

const TERMINATE = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'nearby-friends'`;
const terminate = () => runSql(database.url, TERMINATE);

const readiness = async (url: string): Promise<number> => (await fetch(`${url}/health/ready`)).status;

/** Operations that may be repeated, and that take every way to the database. */
const operationsOn = (friend: TestUser, stranger: TestUser): string[] => [
  '{ me { handle } friends(first: 10) { totalCount } }',
  '{ blockedUsers(first: 10) { totalCount } sharing { enabled } }',
  '{ locationHistory(first: 10) { edges { node { latitude } } } }',
  '{ nearbyFriends { distanceMeters } friendRequests(first: 10) { edges { node { id } } } }',
  `{ user(handle: "${friend.handle}") { id } }`,
  'mutation { updateLocation(input: { latitude: 1, longitude: 2 }) { location { latitude } } }',
  'mutation { updateLocations(inputs: [{ latitude: 1, longitude: 2 }]) { location { latitude } } }',
  `mutation { refreshToken(refreshToken: "${friend.refreshToken}") { accessToken } }`,
  'mutation { updateSharing(input: { enabled: true }) { enabled } }',
  `mutation { sendFriendRequest(userId: "${friend.id}") { status } }`,
  `mutation { blockUser(userId: "${stranger.id}") }`,
  `mutation { unblockUser(userId: "${stranger.id}") }`,
  'mutation { deleteLocationHistory }',
];

/** So that fewer clients ask one person at once than one may be asked on a day. */
const manyFriends =
  (friends: readonly TestUser[], stranger: TestUser) =>
  (client: number): string[] => {
    const friend = friends[client % friends.length];
    if (friend === undefined) throw new Error('There are no friends.');
    return operationsOn(friend, stranger);
  };

/** Runs operations one after the other in each of `clients` until `done`; resolves to the code of each, or 'ok'. */
async function load(
  urls: readonly string[],
  user: TestUser,
  operationsOf: (client: number) => readonly string[],
  clients: number,
  done: () => boolean,
) {
  const codes = new Map<string, number>();
  const run = async (client: number): Promise<void> => {
    const operations = operationsOf(client);
    for (let turn = client; !done(); turn++) {
      const url = urls[turn % urls.length] ?? '';
      const [code = 'ok'] = await codesOf(url, user.token, operations[turn % operations.length] ?? '');
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => run(client)));
  return codes;
}

test('a PostgreSQL that ends its connections again and again is unavailable, never broken', async () => {
  const { url } = await start(database.url);
  const administrator = new pg.Client({ connectionString: database.url });
  await administrator.connect();
  cleanups.push(() => administrator.end());
  const [ann, bob, carol] = await Promise.all([signUp(url), signUp(url), signUp(url)]);
  const operations = operationsOn(bob, carol);
  let isOver = false;
  const codes = load(
    [url],
    ann,
    () => operations,
    12,
    () => isOver,
  );
  const endsAt = performance.now() + OUTAGE_MS;
  while (performance.now() < endsAt) {
    // At any moment of an operation.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_INTERVAL_MS));
    await administrator.query(TERMINATE);
  }
  isOver = true;
  expect([...(await codes).keys()].sort()).toEqual(['UNAVAILABLE', 'ok']);
  for (const operation of operations)
    expect(await request(url, ann.token, operation)).not.toHaveProperty('errors');
});

describe('a PostgreSQL with few connections', () => {
  test('that are not enough is unavailable, never broken', async () => {
    const role = await ordinaryRole('CONNECTION LIMIT 6');
    const urls = [(await start(role.url)).url, (await start(role.url)).url];
    const users: TestUser[] = [];
    while (users.length < 2 + FRIENDS) users.push(await signUp(urls[0] ?? ''));
    const [ann, stranger, ...friends] = users as [TestUser, TestUser, ...TestUser[]];
    const endsAt = performance.now() + OUTAGE_MS;
    const operationsOf = manyFriends(friends, stranger);
    const codes = await load(urls, ann, operationsOf, CLIENTS, () => performance.now() > endsAt);
    expect([...codes.keys()].sort()).toEqual(['UNAVAILABLE', 'ok']);
  });

  test('is enough for three servers that are told how many they may take', async () => {
    // Of max_connections = 20 three are PostgreSQL's own.
    const role = await ordinaryRole('CONNECTION LIMIT 17');
    const nodes = await Promise.all([1, 2, 3].map(() => start(role.url, 5)));
    const urls = nodes.map((node) => node.url);
    const users = await Promise.all(Array.from({ length: 2 + FRIENDS }, () => signUp(urls[0] ?? '')));
    const [ann, stranger, ...friends] = users as [TestUser, TestUser, ...TestUser[]];
    const endsAt = performance.now() + OUTAGE_MS;
    const operationsOf = manyFriends(friends, stranger);
    const codes = await load(urls, ann, operationsOf, CLIENTS, () => performance.now() > endsAt);
    expect([...codes.keys()]).toEqual(['ok']);
  });
});

describe('a PostgreSQL that cannot be written to', () => {
  test('as it became read-only: not ready, writes are unavailable, and all is well again after it', async () => {
    const role = await ordinaryRole();
    const { url } = await start(role.url);
    const [ann, bob] = [await signUp(url), await signUp(url)];
    expect(await readiness(url)).toBe(200);

    await runSql(database.url, `ALTER ROLE ${role.name} SET default_transaction_read_only = on`);
    await terminate();
    await expect.poll(() => readiness(url), { timeout: 6_000 }).toBe(503);
    const write = 'mutation { updateSharing(input: { enabled: true }) { enabled } }';
    await expect.poll(() => codesOf(url, ann.token, write)).toEqual(['UNAVAILABLE']);
    const join = `mutation { signUp(input: { handle: "dora", displayName: "D", password: "correct horse" }) { accessToken } }`;
    expect(await codesOf(url, null, join)).toEqual(['UNAVAILABLE']);
    // More often than one person may be asked in a day.
    const request = `mutation { sendFriendRequest(userId: "${bob.id}") { id } }`;
    for (let attempt = 0; attempt < 12; attempt++)
      expect(await codesOf(url, ann.token, request)).toEqual(['UNAVAILABLE']);

    await runSql(database.url, `ALTER ROLE ${role.name} RESET default_transaction_read_only`);
    await terminate();
    await expect.poll(() => readiness(url), { timeout: 6_000 }).toBe(200);
    expect(await codesOf(url, ann.token, write)).toEqual([]);
    expect(await codesOf(url, ann.token, request)).toEqual([]);
  });

  test('on connections that stay read-only when new ones can write, as after a failover: heals within five seconds', async () => {
    const role = await ordinaryRole();
    const { url } = await start(role.url);
    const ann = await signUp(url);
    await runSql(database.url, `ALTER ROLE ${role.name} SET default_transaction_read_only = on`);
    await terminate();
    const read = '{ me { handle } sharing { enabled } friends { totalCount } }';
    const write = 'mutation { updateSharing(input: { enabled: true }) { enabled } }';
    // Every connection of the pool is made, read-only, and stays in use.
    await Promise.all(Array.from({ length: 60 }, () => codesOf(url, ann.token, read)));
    await runSql(database.url, `ALTER ROLE ${role.name} RESET default_transaction_read_only`);
    let isOver = false;
    const reads = load(
      [url],
      ann,
      () => [read],
      8,
      () => isOver,
    );
    const writes = async () =>
      new Set((await Promise.all([1, 2, 3].map(() => codesOf(url, ann.token, write)))).flat());
    await expect.poll(writes, { timeout: 5_000, interval: 500 }).toEqual(new Set());
    for (let round = 0; round < 10; round++) expect(await writes()).toEqual(new Set());
    expect(await readiness(url)).toBe(200);
    isOver = true;
    expect([...(await reads).keys()]).toEqual(['ok']);
  });

  test('as the user lost a right: not ready, unavailable, and all is well again after it', async () => {
    const role = await ordinaryRole();
    const { url } = await start(role.url);
    const join = (handle: string) =>
      codesOf(
        url,
        null,
        `mutation { signUp(input: { handle: "${handle}", displayName: "D", password: "correct horse" }) { accessToken } }`,
      );
    await runSql(database.url, `REVOKE INSERT ON users FROM ${role.name}`);
    expect(await readiness(url)).toBe(503);
    expect(await join('erin')).toEqual(['UNAVAILABLE']);
    await runSql(database.url, `GRANT INSERT ON users TO ${role.name}`);
    expect(await readiness(url)).toBe(200);
    expect(await join('erin')).toEqual([]);
  });

  test.each([
    [
      'EXECUTE on record_locations',
      'REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC',
      'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC',
    ],
    [
      'EXECUTE on pg_advisory_xact_lock_shared(bigint)',
      'REVOKE EXECUTE ON FUNCTION pg_advisory_xact_lock_shared(bigint) FROM PUBLIC',
      'GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock_shared(bigint) TO PUBLIC',
    ],
    [
      'BYPASSRLS on location_history',
      'ALTER TABLE location_history ENABLE ROW LEVEL SECURITY',
      'ALTER TABLE location_history DISABLE ROW LEVEL SECURITY',
    ],
    [
      'USAGE on schema public',
      'REVOKE USAGE ON SCHEMA public FROM PUBLIC, role',
      'GRANT USAGE ON SCHEMA public TO role',
    ],
  ])(
    'as the user lost %s: not ready, with its name in the log, at the start too, and all is well again after it',
    async (name, takeAway, giveBack) => {
      const role = await ordinaryRole();
      const lines: string[] = [];
      const log = createLogger('warn', { write: (line) => void lines.push(line) });
      const { url } = await start(role.url, 20, log);
      const ann = await signUp(url);
      const recorded = async () =>
        (await move(url, ann, { latitude: 1, longitude: 2 })).recorded && (await readiness(url)) === 200;
      expect(await recorded()).toBe(true);
      await runSql(database.url, takeAway.replace('role', role.name));
      // A sequence needs no right.
      await runSql(database.url, `REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, ${role.name}`);
      expect(await readiness(url)).toBe(503);
      expect(lines.join('')).toContain(name);
      const again: unknown = await start(role.url).catch((error: unknown) => error);
      expect(again).toBeInstanceOf(StartupError);
      expect((again as Error).message).toMatch(
        name.startsWith('USAGE') ? /^[^\n]*GRANT USAGE ON SCHEMA[^\n]*$/ : /^[^\n]*lacks rights: [^\n]*$/,
      );
      if (!name.startsWith('USAGE')) expect((again as Error).message).toContain(name);
      await runSql(database.url, giveBack.replace('role', role.name));
      await expect.poll(recorded).toBe(true);
    },
  );

  test('asks for a lock or a snapshot that others have: unavailable, by its time limits and isolation', async () => {
    const role = await ordinaryRole();
    await runSql(database.url, `ALTER ROLE ${role.name} SET lock_timeout = 200`);
    const { url } = await start(role.url);
    const ann = await signUp(url);
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE users, friendships');
    const operation = 'mutation { updateSharing(input: { enabled: true }) { enabled } }';
    expect(await codesOf(url, ann.token, operation)).toEqual(['UNAVAILABLE']);
    expect(await codesOf(url, ann.token, '{ friends(first: 1) { totalCount } }')).toEqual(['UNAVAILABLE']);

    await runSql(
      database.url,
      `ALTER ROLE ${role.name} RESET lock_timeout; ALTER ROLE ${role.name} SET statement_timeout = 200`,
    );
    await terminate();
    await expect.poll(() => codesOf(url, ann.token, operation)).toEqual(['UNAVAILABLE']);
    await holder.end();

    await runSql(
      database.url,
      `ALTER ROLE ${role.name} RESET statement_timeout; ALTER ROLE ${role.name} SET default_transaction_isolation = 'serializable'`,
    );
    await terminate();
    await expect.poll(() => codesOf(url, ann.token, operation)).toEqual([]);
    const others = Array.from({ length: 20 }, () => codesOf(url, ann.token, operation));
    const codes = new Set((await Promise.all(others)).flat());
    expect([...codes]).toEqual(['UNAVAILABLE']);
  });
});
