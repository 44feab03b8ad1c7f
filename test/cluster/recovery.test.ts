import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  act,
  ask,
  befriend,
  connectForTest,
  metric,
  move,
  requestOverSocket,
  signUp,
  signUpFriends,
  type TestUser,
  UPDATE_LOCATION,
  type UpdateAnswer,
} from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { type Place, travel } from '../support/sphere.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const NEAR = travel(HERE, 90, 500);
const LATER = travel(HERE, 90, 800);
/** Long enough for servers to give their subscriptions up. */
const HANG_MS = 5_000;
/** How long servers may take to notice that Redis is back and to heal. */
const HEALED_MS = 10_000;

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster(2);
});

afterEach(() => cluster.close());

const server = (index: number): string => cluster.urls[index] as string;

async function twoNear(): Promise<[TestUser, TestUser]> {
  const [ann, bob] = await signUpFriends(server(0));
  await Promise.all([move(server(0), ann, HERE), move(server(1), bob, NEAR)]);
  return [ann, bob];
}

/** Runs SQL as somebody else would, beside the servers. */
async function withDatabase<T>(run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: cluster.database.url });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

async function historyOf(user: TestUser): Promise<Place[]> {
  const { locationHistory } = await ask<{ locationHistory: { edges: { node: Place }[] } }>(
    server(0),
    user.token,
    '{ locationHistory(first: 1000) { edges { node { latitude longitude } } } }',
  );
  return locationHistory.edges.map(({ node }) => node).reverse();
}

async function bothReady(): Promise<void> {
  await vi.waitFor(async () => {
    for (const url of cluster.urls) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  }, HEALED_MS);
}

describe('Redis', () => {
  it('restarted empty: lists heal with a fresh snapshot that knows what changed meanwhile', async () => {
    const [ann, bob] = await twoNear();
    const carol = await signUp(server(0));
    await befriend(server(0), ann, carol);
    await move(server(1), carol, NEAR);
    const lists = [follow(server(0), ann), follow(server(1), ann)];
    await Promise.all(lists.map((list) => list.until(({ entries }) => entries.size === 2)));

    await cluster.redis.kill9();
    expect((await fetch(`${server(0)}/health/ready`)).status).toBe(503);
    expect(await move(server(0), ann, HERE)).toMatchObject({ recorded: true });
    expect(await move(server(1), bob, LATER)).toMatchObject({ recorded: true });
    expect(await act(server(1), ann, `removeFriend(userId: "${carol.id}")`)).toBe(true);
    const framesBefore = lists.map(({ frames }) => frames.length);
    await cluster.redis.restart();
    await bothReady();
    await move(server(0), carol, LATER);

    for (const [index, list] of lists.entries()) {
      await list.until(
        ({ entries }) => !entries.has(carol.id) && entries.get(bob.id)?.location.latitude === LATER.latitude,
        HEALED_MS,
      );
      const since = list.frames.slice(framesBefore[index]);
      expect(since[0]?.snapshot).toBe(true);
      expect(since.flatMap(({ nearby }) => nearby).filter(({ friend }) => friend.id === carol.id)).toEqual(
        [],
      );
    }
    await befriend(server(0), ann, carol);
    await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(carol.id), 1_000)));
  });

  it('away: sockets still open and record, and a list that is opened then shows who is there when Redis is back', async () => {
    const [[ann, bob], cid] = await Promise.all([twoNear(), signUp(server(0))]);
    await befriend(server(0), ann, cid);
    await cluster.redis.kill9();
    const client = connectForTest(server(1), cid.token);
    for (const each of [client, connectForTest(server(1), bob.token)]) {
      const { data } = await requestOverSocket<UpdateAnswer>(each, UPDATE_LOCATION, { input: NEAR });
      expect(data?.updateLocation.recorded).toBe(true);
    }
    const ended = new Promise((resolve) => client.on('closed', resolve));
    expect(await act(server(0), cid, 'signOut')).toBe(true);
    const list = follow(server(1), ann);
    await move(server(1), ann, HERE);
    await cluster.redis.restart();
    await bothReady();
    await list.until(({ entries }) => entries.has(bob.id) && !entries.has(cid.id), HEALED_MS);
    expect(list.frames[0]?.snapshot).toBe(true);
    expect(await ended).toMatchObject({ code: 4403 });
  });

  it('hanging for some seconds: updates are recorded, and lists show the newest when it goes on', async () => {
    const [ann, bob] = await twoNear();
    const list = follow(server(0), ann);
    await list.until(({ entries }) => entries.has(bob.id));
    cluster.redis.signal('SIGSTOP');
    const stoppedAt = performance.now();
    expect(await move(server(1), bob, LATER)).toMatchObject({ recorded: true });
    expect(performance.now() - stoppedAt).toBeLessThan(3_000);
    await vi.waitFor(() => expect(performance.now() - stoppedAt).toBeGreaterThan(HANG_MS), HANG_MS + 2_000);
    cluster.redis.signal('SIGCONT');
    await bothReady();
    await list.until(({ entries }) => entries.get(bob.id)?.location.latitude === LATER.latitude, HEALED_MS);
    await move(server(1), bob, NEAR);
    await list.until(({ entries }) => entries.get(bob.id)?.location.latitude === NEAR.latitude, HEALED_MS);
  }, 30_000);

  it('cutting connections again and again: no update is missed', async () => {
    const [ann, bob] = await twoNear();
    const lists = [follow(server(0), ann), follow(server(1), ann)];
    await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id))));
    const admin = new Redis(cluster.redis.url);
    for (let round = 1; round <= 5; round++) {
      const target = travel(HERE, round * 10, 100 + round);
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      if (round % 2 === 0) await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await move(server(round % 2), bob, target);
      await bothReady();
      await Promise.all(
        lists.map((list) =>
          list.until(({ entries }) => entries.get(bob.id)?.location.latitude === target.latitude, HEALED_MS),
        ),
      );
    }
    admin.disconnect();
  }, 60_000);
});

describe('PostgreSQL', () => {
  it('cutting connections: every update that was answered recorded is in the history exactly once', async () => {
    const [ann] = await twoNear();
    const kill = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    const answered: number[] = [];
    let done = false;
    const walk = async (url: string, offset: number): Promise<void> => {
      for (let step = 1; !done; step++) {
        const latitude = HERE.latitude + (step * 4 + offset) * 1e-6;
        const id = step % 2 === 0 ? { id: crypto.randomUUID() } : {};
        const answer = await move(url, ann, { ...HERE, latitude, ...id });
        if (answer.recorded) answered.push(answer.location.latitude);
      }
    };
    const walks = Promise.all([0, 1, 2, 3].map((offset) => walk(server(offset % 2), offset)));
    await withDatabase(async (client) => {
      for (let round = 0; round < 8; round++) {
        const target = answered.length + 10;
        await vi.waitFor(() => expect(answered.length).toBeGreaterThan(target), {
          timeout: 8_000,
          interval: 5,
        });
        await client.query(kill);
      }
    });
    done = true;
    await walks;
    await vi.waitFor(async () => {
      for (const url of cluster.urls) expect(await metric(url, 'nearby_history_rows_held')).toBe(0);
    }, 10_000);
    const counts = new Map<number, number>();
    for (const { latitude } of await historyOf(ann)) counts.set(latitude, (counts.get(latitude) ?? 0) + 1);
    expect(answered.length).toBeGreaterThan(80);
    expect(answered.filter((latitude) => counts.get(latitude) !== 1)).toEqual([]);
    expect([...counts.values()].filter((count) => count > 1)).toEqual([]);
  }, 60_000);

  it('a slow history: friends are told at once, the answer says so after 2 s, the row is written later', async () => {
    const [ann, bob] = await twoNear();
    const list = follow(server(0), ann);
    await list.until(({ entries }) => entries.has(bob.id));
    await withDatabase(async (client) => {
      await client.query('BEGIN; LOCK TABLE location_history IN ACCESS EXCLUSIVE MODE');
      const before = performance.now();
      const answer = move(server(1), bob, LATER);
      await list.until(({ entries }) => entries.get(bob.id)?.location.latitude === LATER.latitude, 1_000);
      expect(await answer).toMatchObject({ recorded: false, location: LATER });
      expect(performance.now() - before).toBeGreaterThan(1_500);
      expect(performance.now() - before).toBeLessThan(3_500);
      expect(await metric(server(1), 'nearby_history_rows_held')).toBe(1);
      await client.query('COMMIT');
    });
    await vi.waitFor(async () => expect(await historyOf(bob)).toEqual([NEAR, LATER]), 10_000);
  });

  it('a notice whose publisher died right after its commit is delivered by another server', async () => {
    const [ann, bob] = await twoNear();
    const list = follow(server(0), ann);
    await list.until(({ entries }) => entries.has(bob.id));
    await withDatabase(async (client) => {
      const pair = [ann.id, bob.id];
      await client.query('BEGIN');
      await client.query(
        'DELETE FROM friendships WHERE user_id = ANY($1::uuid[]) AND friend_id = ANY($1::uuid[])',
        [pair],
      );
      await client.query('INSERT INTO outbox_notices (user_id, notice) VALUES ($1, $2)', [
        ann.id,
        { kind: 'relation', friendId: bob.id },
      ]);
      await client.query('COMMIT');
      await list.until(({ entries }) => !entries.has(bob.id), 6_000);
      await vi.waitFor(
        async () => expect((await client.query('SELECT FROM outbox_notices')).rowCount).toBe(0),
        5_000,
      );
    });
  });
});
