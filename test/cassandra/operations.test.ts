/** The commands of docs/cassandra.md, on a cluster of three nodes beside a server. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { types } from 'cassandra-driver';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { dateOf, dayOf } from '../../src/adapters/cassandra/days.js';
import { act, ask, move, signUp, type TestUser } from '../support/api.js';
import { startCassandraCluster, type TestCassandraCluster } from '../support/cassandra-cluster.js';
import type { TestCassandraNode } from '../support/cassandra-node.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { type ServerProgram, startServer } from '../support/server-program.js';
import { documented, runCql, runOn } from './documented.js';

const HERE = { latitude: 45.44, longitude: 12.33 };

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let cassandra: TestCassandraCluster;
let database: TestDatabase;
let redis: TestRedis;
/** Those that have all rows: as many as there are replicas. */
let nodes: readonly TestCassandraNode[];

beforeAll(async () => {
  [cassandra, database, redis] = await Promise.all([
    startCassandraCluster('dynamic_snitch: false'),
    createTestDatabase(),
    startTestRedis(),
  ]);
  nodes = cassandra.members;
  await createKeyspace();
});
afterAll(async () => {
  await Promise.all([cassandra.close(), database.drop(), redis.close()]);
});

let server: ServerProgram;
let url: string;
beforeEach(async () => {
  [server, url] = await startHistoryServer();
});

/** A node that joins has to hear of the others first. */
const UNHURRIED = ['-Dcassandra.ring_delay_ms=5000'];

async function startHistoryServer(): Promise<[ServerProgram, string]> {
  const started = startServer({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    HISTORY_CASSANDRA: cassandra.contactPoints,
    LOG_LEVEL: 'info',
  });
  return [started, await started.url];
}

async function onEach(of: readonly TestCassandraNode[], commands: string): Promise<readonly string[]> {
  return Promise.all(of.map((node) => runOn(node, commands)));
}

async function onEachInTurn(of: readonly TestCassandraNode[], commands: string): Promise<void> {
  for (const node of of) await runOn(node, commands);
}

async function onCluster(work: string): Promise<void> {
  const client = cassandra.clientOf(nodes[0]?.host ?? '');
  await runCql(client, work);
  await client.shutdown();
}

const first = (): TestCassandraNode => nodes[0] ?? expect.fail('no node');

/** Resolves when a server is connected to the node. */
async function untilServes(node: TestCassandraNode): Promise<void> {
  const clients = () => runOn(node, 'nodetool clientstats --all');
  await expect.poll(clients, { timeout: 60_000 }).toMatch(/ nearby +\d+ +Apache Cassandra Node\.js Driver /);
}

async function createKeyspace(): Promise<void> {
  const [keyspace = ''] = await documented('Start', 'sql');
  await onCluster(keyspace);
}

/** The states of the nodes, by address. */
async function statuses(of: TestCassandraNode): Promise<Record<string, string>> {
  const table = await runOn(of, 'nodetool status nearby');
  const rows = table.matchAll(/^([UD][NLJM]) +([\d.]+) /gm);
  return Object.fromEntries(Array.from(rows, ([, state = '', host = '']) => [host, state]));
}

async function history(user: TestUser): Promise<string[]> {
  const { locationHistory } = await ask<{ locationHistory: { edges: { node: { recordedAt: string } }[] } }>(
    url,
    user.token,
    '{ locationHistory { edges { node { recordedAt } } } }',
  );
  return locationHistory.edges.map(({ node }) => node.recordedAt);
}

/** Signs somebody up who records a location. */
async function newUser(): Promise<TestUser> {
  const user = await signUp(url);
  expect(await move(url, user, HERE)).toMatchObject({ recorded: true });
  return user;
}

const LOCATIONS = 'SELECT id FROM nearby.locations WHERE user_id = ? AND day IN (?, ?)';

/** How many of a user's locations of today or yesterday this node has: it asks itself first. */
async function keptBy({ host }: TestCassandraNode, user: TestUser): Promise<number> {
  const client = cassandra.clientOf(host);
  const days = [0, 1].map((ago) => dateOf(dayOf(Date.now()) - ago));
  const options = { prepare: true, consistency: types.consistencies.one };
  const { rowLength } = await client.execute(LOCATIONS, [user.id, ...days], options);
  await client.shutdown();
  return rowLength;
}

/** Whether the node's files of locations have this one. A random id is stored as it is, compressed or not. */
async function diskHas({ home }: TestCassandraNode, id: string): Promise<boolean> {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  const paths = await readdir(join(home, 'data/nearby'), { recursive: true });
  const files = paths.filter((path) => /^locations-[^/]+\/[^/]+-Data\.db$/.test(path));
  const contents = await Promise.all(files.map((path) => readFile(join(home, 'data/nearby', path))));
  return contents.some((content) => content.includes(bytes));
}

test('what an operator watches is told', async () => {
  const [watch = ''] = await documented('What to watch');
  await newUser();
  const told = await runOn(first(), watch);
  for (const { host } of nodes) expect(told).toContain(`UN  ${host}`);
  for (const table of ['locations', 'location_ids', 'location_days']) {
    expect(told).toContain(`Table: ${table}\n`);
  }
  await untilServes(first());
});

test('a deletion that a node missed gets there with a repair', async () => {
  const ann = await newUser();
  const bob = await newUser();
  const others = nodes.slice(0, -1);
  const deaf = nodes.at(-1) ?? expect.fail('no node');
  // As if it were away for longer than others remember.
  await onEach(others, 'nodetool disablehandoff');
  await deaf.stop();
  await expect.poll(async () => (await statuses(first()))[deaf.host], { timeout: 60_000 }).toBe('DN');
  await act(url, ann, 'deleteLocationHistory');
  await deaf.restart();
  await cassandra.untilWhole();
  await onEach(others, 'nodetool enablehandoff');
  expect(await keptBy(deaf, ann)).toBe(1);

  const [repair = '', preview = ''] = await documented('Repair');
  expect(await runOn(first(), preview)).not.toContain('Previewed data was in sync');
  await onEachInTurn(nodes, repair);
  expect(await runOn(first(), preview)).toContain('Previewed data was in sync');
  expect(await keptBy(deaf, ann)).toBe(0);
  expect(await keptBy(deaf, bob)).toBe(1);
});

test('what was deleted leaves the disk when its files are rewritten', async () => {
  const [compress = ''] = await documented('Disk', 'sql');
  const [rewrite = ''] = await documented('Deleted rows on the disk');
  await onCluster(compress);
  const ann = await newUser();
  const id = randomUUID();
  await move(url, ann, { ...HERE, id });
  await runOn(first(), 'nodetool flush nearby');
  expect(await diskHas(first(), id)).toBe(true);
  await act(url, ann, 'deleteLocationHistory');
  await runOn(first(), rewrite);
  expect(await diskHas(first(), id)).toBe(false);
});

test('a backup brings the history back, and an operator deletes again what was deleted since', async () => {
  const [take = '', restore = '', eraseAgain = ''] = await documented('Backup and restore');
  const [ann, bob, cid] = [await newUser(), await newUser(), await newUser()];
  const before = await history(ann);
  await onEach(nodes, take);
  expect(await onEach(nodes, 'nodetool listsnapshots')).toEqual(
    nodes.map(() => expect.stringContaining('no snapshots')),
  );
  await move(url, ann, { ...HERE, latitude: 45.45 });
  await act(url, bob, 'deleteLocationHistory');
  await act(url, cid, 'deleteAccount');
  await expect.poll(() => keptBy(first(), cid)).toBe(0);

  // The tables are still there.
  await onEach(nodes, restore);
  expect(await history(bob)).toEqual([]);
  expect(await keptBy(first(), cid)).toBe(0);
  expect(await history(ann)).toHaveLength(2);

  // All is lost.
  server.child.kill('SIGTERM');
  await writeFile(join(first().home, 'servers.log'), (await server.ended).stdout);
  await onCluster('DROP KEYSPACE nearby');
  await createKeyspace();
  [server, url] = await startHistoryServer();
  server.child.kill('SIGTERM');
  await server.ended;
  await onEach(nodes, restore);
  expect(await keptBy(first(), cid)).toBe(1);
  await runOn(first(), eraseAgain, { DATABASE_URL: database.url });
  [server, url] = await startHistoryServer();
  expect(await history(ann)).toEqual(before);
  expect(await history(bob)).toHaveLength(1);
  await expect.poll(() => keptBy(first(), cid), { timeout: 20_000 }).toBe(0);
});

test('a node that is added is found by the server, and one that died is replaced', async () => {
  const [ann, bob, cid] = [await newUser(), await newUser(), await newUser()];
  const [join = ''] = await documented('Add a node', 'yaml');
  const [cleanup = '', leave = ''] = await documented('Add a node');
  const fourth = await cassandra.join('127.0.0.4', { settings: join, flags: UNHURRIED });
  const told = { timeout: 60_000 };
  await expect.poll(() => statuses(first()), told).toMatchObject({ [fourth.host]: 'UN' });
  await untilServes(fourth);
  await onEachInTurn(nodes, cleanup);
  for (const user of [ann, bob, cid]) expect(await history(user)).toHaveLength(1);
  await runOn(fourth, leave);
  await fourth.stop();

  const [, second, dead] = nodes;
  if (second === undefined || dead === undefined) throw new Error('no node');
  await dead.kill9();
  await expect.poll(async () => (await statuses(first()))[dead.host], told).toBe('DN');
  const [flag = ''] = await documented('Replace a dead node', 'text');
  const replacing = flag.trim().replace('10.0.0.3', dead.host);
  const fifth = await cassandra.join('127.0.0.5', { settings: join, flags: [...UNHURRIED, replacing] });
  nodes = [first(), second, fifth];
  await expect
    .poll(() => statuses(first()), told)
    .toEqual(Object.fromEntries(nodes.map(({ host }) => [host, 'UN'])));
  for (const user of [ann, bob, cid]) {
    expect(await keptBy(fifth, user)).toBe(1);
    expect(await history(user)).toHaveLength(1);
  }
});
