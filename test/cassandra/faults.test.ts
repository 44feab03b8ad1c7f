/**
 * Nodes of Cassandra that end, fall silent or are restarted while apps report and others look at their lists: what was
 * answered is there, once, and lists go on.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from 'cassandra-driver';
import type { Client as SocketClient } from 'graphql-ws';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, befriend, connect, move, signUp, type TestUser } from '../support/api.js';
import {
  DATACENTER,
  startCassandraCluster,
  type TestCassandraCluster,
} from '../support/cassandra-cluster.js';
import { followNearby, type NearbyList } from '../support/nearby-list.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { launchServer, type ServerProgram } from '../support/server-program.js';

const USERS = 40;
const UPDATES_PER_SECOND = 200;
/** Three nodes, the server and its clients on two cores write what such updates left behind within seconds. */
const FEWER_UPDATES_PER_SECOND = 50;
/** Rows that were held are written first. */
const RECORDED_AGAIN_LIMIT_MS = 120_000;
/** An answer waits for the history for two seconds. */
const ANSWER_LIMIT_MS = 3_000;
/** A list tells a movement while Cassandra does not answer as soon as when it does. */
const SHOWN_LIMIT_MS = 2_000;

let cassandra: TestCassandraCluster;
let database: TestDatabase;
let redis: TestRedis;
let server: ServerProgram;
let url: string;
let users: readonly Reporter[];
/** The first of the users, as a friend sees where they are. */
let list: NearbyList;
let viewing: SocketClient;

beforeAll(async () => {
  cassandra = await startCassandraCluster();
  const admin = new Client({
    contactPoints: cassandra.contactPoints.split(','),
    localDataCenter: DATACENTER,
  });
  await admin.execute(
    `CREATE KEYSPACE nearby WITH replication = {'class': 'NetworkTopologyStrategy', '${DATACENTER}': 3}`,
  );
  await admin.shutdown();
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  server = launchServer({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    HISTORY_CASSANDRA: cassandra.contactPoints,
    FRAME_INTERVAL_MS: '0',
  });
  url = await server.url;
  users = await Promise.all(
    Array.from({ length: USERS }, async () => {
      const user = await signUp(url);
      return { ...user, socket: connect(url, user.token, { lazyCloseTimeout: 600_000 }), reports: 0 };
    }),
  );
  const viewer = await signUp(url);
  await befriend(url, viewer, userAt(0));
  await move(url, viewer, { latitude: 0, longitude: 2 });
  viewing = connect(url, viewer.token);
  list = followNearby(viewing);
});
afterAll(async () => {
  await Promise.all([viewing, ...users.map(({ socket }) => socket)].map(async (socket) => socket.dispose()));
  server.child.kill('SIGKILL');
  await Promise.all([server.ended, cassandra.close()]);
  await Promise.all([database.drop(), redis.close()]);
});

function userAt(index: number): Reporter {
  const user = users[index];
  if (user === undefined) throw new Error('there is no such user');
  return user;
}

const UPDATE = `mutation ($id: ID!, $latitude: Latitude!, $at: DateTime) {
  updateLocation(input: { id: $id, latitude: $latitude, longitude: 2, recordedAt: $at }) { recorded }
}`;
const HISTORY = `query ($after: String) {
  locationHistory(first: 1000, after: $after) { edges { node { latitude } } pageInfo { hasNextPage endCursor } }
}`;

interface Reporter extends TestUser {
  readonly socket: SocketClient;
  reports: number;
}

interface Answer {
  readonly user: Reporter;
  /** The user has no other update with it. */
  readonly latitude: number;
  /** Null for an error. */
  readonly recorded: boolean | null;
  readonly tookMs: number;
  /** How long it took until a friend saw it; 0 where nobody looks. */
  readonly shownMs: number;
}

/** Lets all users report until `work` is done, which may look at the answers. Resolves to every one. */
async function reportDuring(
  updatesPerSecond: number,
  work: (ledger: Ledger) => Promise<void>,
): Promise<readonly Answer[]> {
  const answered: Answer[] = [];
  const asked: Promise<unknown>[] = [];
  const startedAtMs = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAtMs) * updatesPerSecond) / 1_000;
    while (asked.length < due)
      asked.push(report(asked.length % USERS).then((answer) => answered.push(answer)));
  }, 5);
  const ledger: Ledger = {
    until: async (recorded, count) => {
      const from = answered.length;
      const enough = () => answered.slice(from).filter((answer) => answer.recorded === recorded).length;
      await expect.poll(enough, { timeout: RECORDED_AGAIN_LIMIT_MS }).toBeGreaterThanOrEqual(count);
    },
  };
  try {
    await work(ledger);
  } finally {
    clearInterval(timer);
  }
  await Promise.all(asked);
  return answered;
}

interface UpdateAnswer {
  readonly updateLocation: { readonly recorded: boolean };
}

interface Ledger {
  /** Resolves when so many more updates were answered so. */
  until(recorded: boolean, count: number): Promise<void>;
}

async function report(index: number): Promise<Answer> {
  const user = userAt(index);
  const latitude = ++user.reports / 1e5;
  const startedAtMs = performance.now();
  const elapsed = (): number => performance.now() - startedAtMs;
  const isShown = ({ entries }: NearbyList): boolean =>
    (entries.get(user.id)?.location.latitude ?? 0) >= latitude;
  const shown = index === 0 ? list.until(isShown).then(elapsed, () => Infinity) : Promise.resolve(0);
  const variables = { id: randomUUID(), latitude, at: new Date().toISOString() };
  const answers = user.socket.iterate<UpdateAnswer>({ query: UPDATE, variables });
  const { value } = await answers.next();
  const tookMs = elapsed();
  const recorded = value?.data?.updateLocation.recorded ?? null;
  return { user, latitude, recorded, tookMs, shownMs: await shown };
}

async function latitudesOf(user: Reporter): Promise<number[]> {
  const latitudes: number[] = [];
  for (let after: string | null = null, more = true; more;) {
    const { locationHistory }: { locationHistory: HistoryPage } = await ask(url, user.token, HISTORY, {
      after,
    });
    latitudes.push(...locationHistory.edges.map(({ node }) => node.latitude));
    ({ endCursor: after, hasNextPage: more } = locationHistory.pageInfo);
  }
  return latitudes;
}

interface HistoryPage {
  readonly edges: readonly { readonly node: { readonly latitude: number } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Every update that was taken is there, those that were only held as soon as they could be written. */
async function expectAllOnce(answers: readonly Answer[]): Promise<void> {
  for (const user of users) {
    const taken = answers
      .filter((answer) => answer.user === user && answer.recorded !== null)
      .map(({ latitude }) => latitude);
    const missing = async () => {
      const kept = await latitudesOf(user);
      expect(new Set(kept).size).toBe(kept.length);
      return taken.filter((latitude) => !kept.includes(latitude));
    };
    await expect.poll(missing, { timeout: 60_000, interval: 500 }).toEqual([]);
  }
}

/** Nobody waited longer than is promised, for an answer or for what a friend's list shows. */
function expectInTime(answers: readonly Answer[]): void {
  const slowest = (of: 'tookMs' | 'shownMs') => Math.max(...answers.map((answer) => answer[of]));
  expect(slowest('tookMs')).toBeLessThan(ANSWER_LIMIT_MS);
  expect(slowest('shownMs')).toBeLessThan(SHOWN_LIMIT_MS);
}

async function expectNothingLost(answers: readonly Answer[]): Promise<void> {
  expect(answers.filter(({ recorded }) => recorded === null)).toEqual([]);
  expectInTime(answers);
  await expectAllOnce(answers);
}

test('a node is killed and comes back after 30 s', { timeout: 360_000 }, async () => {
  const [, node] = cassandra.members;
  const answers = await reportDuring(UPDATES_PER_SECOND, async (ledger) => {
    await ledger.until(true, 200);
    await node?.kill9();
    await sleep(30_000);
    await node?.restart();
    await cassandra.untilWhole();
    await ledger.until(true, 200);
  });
  await expectNothingLost(answers);
});

test('a node falls silent', { timeout: 300_000 }, async () => {
  const [silent] = cassandra.members;
  const answers = await reportDuring(FEWER_UPDATES_PER_SECOND, async (ledger) => {
    await ledger.until(true, 200);
    silent?.signal('SIGSTOP');
    await ledger.until(true, 2_000);
    silent?.signal('SIGCONT');
    await cassandra.untilWhole();
    await ledger.until(true, 200);
  });
  await expectNothingLost(answers);
});

test('the nodes are restarted one after the other', { timeout: 300_000 }, async () => {
  const answers = await reportDuring(FEWER_UPDATES_PER_SECOND, async (ledger) => {
    for (const node of cassandra.members) {
      await node.stop();
      await node.restart();
      await cassandra.untilWhole();
      await ledger.until(true, 200);
    }
  });
  await expectNothingLost(answers);
});

test(
  'two of three nodes are gone: updates are held, and written when they are back',
  { timeout: 300_000 },
  async () => {
    const gone = cassandra.members.slice(1);
    const answers = await reportDuring(FEWER_UPDATES_PER_SECOND, async (ledger) => {
      await ledger.until(true, 200);
      await Promise.all(gone.map((node) => node.kill9()));
      await ledger.until(false, 500);
      await Promise.all(gone.map((node) => node.restart()));
      await cassandra.untilWhole();
      await ledger.until(true, 200);
    });
    await expectNothingLost(answers);
  },
);

/** What a node's clock says, milliseconds since the epoch. */
async function clockOf(host: string): Promise<number> {
  const client = cassandra.clientOf(host);
  const { rows } = await client.execute('SELECT toTimestamp(now()) AS now FROM system.local');
  await client.shutdown();
  return (rows[0]?.['now'] as Date).getTime();
}

// Cassandra's nodes drop what another one sent longer ago than a request may take: to the others such a node is silent.
test('the clock of a node is 30 s ahead', { timeout: 180_000 }, async () => {
  const [, node] = cassandra.members;
  await node?.stop();
  await node?.restart(30);
  expect(await clockOf(node?.host ?? '')).toBeGreaterThan(Date.now() + 25_000);
  const answers = await reportDuring(FEWER_UPDATES_PER_SECOND, (ledger) => ledger.until(true, 500));
  await expectNothingLost(answers);
});
