/** Nodes of Cassandra that end or fall silent while apps report: what was answered is there, once. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from 'cassandra-driver';
import { parseCassandraAddress } from '../../src/adapters/cassandra/address.js';
import { ask, request, signUp, type TestUser } from '../support/api.js';
import {
  DATACENTER,
  startCassandraCluster,
  type TestCassandraCluster,
} from '../support/cassandra-cluster.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

const USERS = 20;
const UPDATES_PER_SECOND = 20;
/** An answer waits for the history for two seconds; the rest is what three nodes on one busy machine add. */
const ANSWER_LIMIT_MS = 10_000;

let cassandra: TestCassandraCluster;
let cluster: TestCluster;
let users: readonly TestUser[];
let reports = 0;

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
  const historyCassandra = parseCassandraAddress(cassandra.contactPoints) ?? null;
  cluster = await startTestCluster(1, { historyCassandra });
  users = await Promise.all(Array.from({ length: USERS }, () => signUp(url())));
});
afterAll(async () => {
  await cluster.close();
  await cassandra.close();
});

const url = (): string => cluster.urls[0] ?? '';

const UPDATE = `mutation ($id: ID!, $latitude: Latitude!) {
  updateLocation(input: { id: $id, latitude: $latitude, longitude: 2 }) { recorded }
}`;
const HISTORY = `query ($after: String) {
  locationHistory(first: 1000, after: $after) { edges { node { latitude } } pageInfo { hasNextPage endCursor } }
}`;

interface Answer {
  readonly user: TestUser;
  /** No other update has it. */
  readonly latitude: number;
  /** Null for an error. */
  readonly recorded: boolean | null;
  readonly tookMs: number;
}

/** Lets all users report until `work` is done. Resolves to every answer. */
async function reportDuring(work: () => Promise<void>): Promise<readonly Answer[]> {
  const answers: Promise<Answer>[] = [];
  const timer = setInterval(() => {
    const user = users[answers.length % USERS];
    if (user !== undefined) answers.push(report(user));
  }, 1_000 / UPDATES_PER_SECOND);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Promise.all(answers);
}

async function report(user: TestUser): Promise<Answer> {
  const latitude = ++reports / 1e5;
  const startedAtMs = performance.now();
  const { data } = await request<{ updateLocation: { recorded: boolean } }>(url(), user.token, UPDATE, {
    id: randomUUID(),
    latitude,
  });
  const recorded = data?.updateLocation.recorded ?? null;
  return { user, latitude, recorded, tookMs: performance.now() - startedAtMs };
}

/** Resolves when so many more updates were answered as committed. */
async function untilRecorded(count: number): Promise<void> {
  for (let done = 0; done < count;) {
    const [user] = users;
    if (user !== undefined && (await report(user)).recorded === true) done++;
  }
}

async function latitudesOf(user: TestUser): Promise<number[]> {
  const latitudes: number[] = [];
  for (let after: string | null = null, more = true; more;) {
    const { locationHistory }: { locationHistory: HistoryPage } = await ask(url(), user.token, HISTORY, {
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

const slowest = (answers: readonly Answer[]): number => Math.max(...answers.map(({ tookMs }) => tookMs));

test(
  'a node that is killed under load, and comes back, loses nothing and refuses nothing',
  { timeout: 180_000 },
  async () => {
    const answers = await reportDuring(async () => {
      await untilRecorded(20);
      await cassandra.members[1]?.kill9();
      await untilRecorded(20);
      await cassandra.members[1]?.restart();
      await cassandra.untilWhole();
      await untilRecorded(20);
    });
    expect(answers.filter(({ recorded }) => recorded === true).length).toBeGreaterThan(20);
    expect(answers.filter(({ recorded }) => recorded === null)).toEqual([]);
    expect(slowest(answers)).toBeLessThan(ANSWER_LIMIT_MS);
    await expectAllOnce(answers);
  },
);

test('a node that falls silent loses nothing and refuses nothing', { timeout: 180_000 }, async () => {
  const [silent] = cassandra.members;
  const answers = await reportDuring(async () => {
    await untilRecorded(20);
    silent?.signal('SIGSTOP');
    await untilRecorded(20);
    silent?.signal('SIGCONT');
    await cassandra.untilWhole();
    await untilRecorded(20);
  });
  expect(answers.filter(({ recorded }) => recorded === null)).toEqual([]);
  expect(slowest(answers)).toBeLessThan(ANSWER_LIMIT_MS);
  await expectAllOnce(answers);
});

test(
  'while two of three are gone updates are held, and written when they are back',
  { timeout: 300_000 },
  async () => {
    const gone = cassandra.members.slice(1);
    let held = 0;
    const answers = await reportDuring(async () => {
      await untilRecorded(20);
      await Promise.all(gone.map((node) => node.kill9()));
      while (held < 5) {
        const [user] = users;
        if (user !== undefined && (await report(user)).recorded === false) held++;
      }
      await Promise.all(gone.map((node) => node.restart()));
      await cassandra.untilWhole();
      await untilRecorded(20);
    });
    expect(answers.filter(({ recorded }) => recorded === null)).toEqual([]);
    expect(answers.some(({ recorded }) => recorded === false)).toBe(true);
    expect(slowest(answers)).toBeLessThan(ANSWER_LIMIT_MS);
    await expectAllOnce(answers);
  },
);
