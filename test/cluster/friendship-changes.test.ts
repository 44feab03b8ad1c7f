import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, befriend, move, signUp, signUpFriends, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';

/** How soon a change has to show, on whatever server it was made. */
const SOON_MS = 1_000;
const HERE = { latitude: 48.2, longitude: 16.37 };
const NEAR = travel(HERE, 80, 900);
const LATER = travel(HERE, 80, 2_500);

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster(2);
});

afterAll(() => cluster.close());

/** The URL of the first or second server. */
const server = (index: number): string => cluster.urls[index] as string;

/** Two friends near each other; the first one's list is open on both servers and holds the second. */
async function twoNear(): Promise<{ ann: TestUser; bob: TestUser; lists: NearbyList[] }> {
  const [ann, bob] = await signUpFriends(server(0));
  await Promise.all([move(server(0), ann, HERE), move(server(1), bob, NEAR)]);
  const lists = [follow(server(0), ann), follow(server(1), ann)];
  await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id))));
  return { ann, bob, lists };
}

async function gone(lists: readonly NearbyList[], friend: TestUser): Promise<void> {
  await Promise.all(lists.map((list) => list.until(({ entries }) => !entries.has(friend.id), SOON_MS)));
  for (const { frames } of lists) {
    expect(frames.at(-1)).toMatchObject({
      snapshot: false,
      left: [{ friendId: friend.id, reason: 'UNAVAILABLE' }],
    });
  }
}

async function back(lists: readonly NearbyList[], friend: TestUser, waitMs = SOON_MS): Promise<void> {
  await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(friend.id), waitMs)));
}

/** A friend who is near; what was told before its frame comes before it on every list. */
async function markAll(ann: TestUser, lists: readonly NearbyList[]): Promise<void> {
  const marker = await signUp(server(0));
  await befriend(server(0), ann, marker);
  await move(server(0), marker, NEAR);
  await back(lists, marker);
}

describe.each([0, 1])('while lists are open on both servers, through server %i', (index) => {
  it('a friend who is added is seen at once, by crossing requests and by acceptance', async () => {
    const [ann, bob, carol] = await Promise.all([signUp(server(0)), signUp(server(1)), signUp(server(0))]);
    await Promise.all([ann, bob, carol].map((user) => move(server(1), user, NEAR)));
    const lists = [follow(server(0), ann), follow(server(1), ann)];
    await Promise.all(lists.map((list) => list.next()));
    await befriend(server(index), ann, bob);
    await back(lists, bob);
    const { id } = await act<{ id: string }>(
      server(index),
      ann,
      `sendFriendRequest(userId: "${carol.id}") { id }`,
    );
    await act(server(index), carol, `acceptFriendRequest(requestId: "${id}") { status }`);
    await back(lists, carol);
  });

  it('a friend who is removed leaves at once, whoever removed', async () => {
    for (const annRemoves of [true, false]) {
      const { ann, bob, lists } = await twoNear();
      const [from, to] = annRemoves ? [ann, bob] : [bob, ann];
      expect(await act(server(index), from, `removeFriend(userId: "${to.id}")`)).toBe(true);
      await gone(lists, bob);
    }
  });

  it('blocking takes either off the other’s list', async () => {
    for (const annBlocks of [true, false]) {
      const { ann, bob, lists } = await twoNear();
      const [from, to] = annBlocks ? [ann, bob] : [bob, ann];
      await act(server(index), from, `blockUser(userId: "${to.id}")`);
      await gone(lists, bob);
    }
  });

  it('a friend whose account is deleted leaves, and a deleted account’s own lists end', async () => {
    const { ann, bob, lists } = await twoNear();
    await act(server(index), bob, 'deleteAccount');
    await gone(lists, bob);
    await act(server(index), ann, 'deleteAccount');
    expect(await Promise.all(lists.map(({ ended }) => ended))).toMatchObject([
      { code: 4403 },
      { code: 4403 },
    ]);
  });

  it('pausing hides, resuming shows where the friend is by then, and one’s own pause hides nobody', async () => {
    const { ann, bob, lists } = await twoNear();
    await act(server(index), ann, 'updateSharing(input: { enabled: false }) { enabled }');
    await act(server(index), bob, 'updateSharing(input: { enabled: false }) { enabled }');
    await gone(lists, bob);
    await move(server(0), bob, LATER);
    await act(server(index), bob, 'updateSharing(input: { enabled: true }) { enabled }');
    await back(lists, bob);
    for (const { entries, frames } of lists) {
      expect(entries.get(bob.id)?.location).toMatchObject(LATER);
      expect(frames.map(({ left }) => left.length)).toEqual([0, 1, 0]);
    }
  });

  it('timed sharing turns over by itself, on and off', async () => {
    const { bob, lists } = await twoNear();
    const pause = async (enabled: boolean): Promise<number> => {
      const until = Date.now() + 2_500;
      const input = `{ enabled: ${enabled}, until: "${new Date(until).toISOString()}" }`;
      await act(server(index), bob, `updateSharing(input: ${input}) { enabled }`);
      return until;
    };
    let untilMs = await pause(false);
    await gone(lists, bob);
    expect(Date.now()).toBeLessThan(untilMs);
    await back(lists, bob, untilMs - Date.now() + SOON_MS);
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs);

    untilMs = await pause(true);
    await Promise.all(
      lists.map((list) => list.until(({ entries }) => !entries.has(bob.id), untilMs - Date.now() + SOON_MS)),
    );
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs);
    const fresh = follow(server(1 - index), bob);
    expect((await fresh.next()).nearby).toHaveLength(1);
    expect(
      (
        await act<{ enabled: boolean }>(
          server(index),
          bob,
          'updateSharing(input: { enabled: true }) { enabled }',
        )
      ).enabled,
    ).toBe(true);
    await back(lists, bob);
  });
});

const endings: readonly [string, (ann: TestUser, bob: TestUser) => Promise<unknown>][] = [
  ['removeFriend by the watcher', (ann, bob) => act(server(1), ann, `removeFriend(userId: "${bob.id}")`)],
  ['removeFriend by the friend', (ann, bob) => act(server(0), bob, `removeFriend(userId: "${ann.id}")`)],
  ['blockUser', (ann, bob) => act(server(1), bob, `blockUser(userId: "${ann.id}")`)],
  ['a pause', (_ann, bob) => act(server(0), bob, 'updateSharing(input: { enabled: false }) { enabled }')],
];

it.each(endings)('after %s was answered no later position is shown', async (_name, end) => {
  const { ann, bob, lists } = await twoNear();
  let answered = false;
  const sent: { latitude: number; late: boolean }[] = [];
  /** Walks without a break through one server, each step told apart by its latitude. */
  const walk = async (url: string, offset: number): Promise<void> => {
    for (let step = 0; step < 400; step++) {
      const late = answered;
      const latitude = HERE.latitude + (step * 2 + offset) * 1e-6;
      sent.push({ latitude, late });
      await move(url, bob, { latitude, longitude: HERE.longitude });
      if (late && sent.filter((one) => one.late).length > 10) return;
    }
  };
  const walks = Promise.all([walk(server(0), 0), walk(server(1), 1)]);
  await Promise.all(lists.map((list) => list.until(({ frames }) => frames.length > 8)));
  await end(ann, bob);
  answered = true;
  await walks;
  await markAll(ann, lists);
  const late = new Set(sent.filter((one) => one.late).map(({ latitude }) => latitude));
  expect(late.size).toBeGreaterThan(10);
  for (const { frames, entries } of lists) {
    expect(entries.has(bob.id)).toBe(false);
    const shown = frames.flatMap(({ nearby }) => nearby.filter(({ friend }) => friend.id === bob.id));
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter(({ location }) => late.has(location.latitude))).toEqual([]);
  }
});

it('while it is being read what a friend may be shown now, nothing of the friend is shown', async () => {
  const { ann, bob, lists } = await twoNear();
  const [redis, client] = [
    new Redis(cluster.redis.url),
    new pg.Client({ connectionString: cluster.database.url }),
  ];
  await client.connect();
  try {
    await client.query('BEGIN; LOCK TABLE friendships IN ACCESS EXCLUSIVE MODE');
    await redis.publish(
      cluster.names.userChannel(ann.id),
      JSON.stringify({ kind: 'relation', friendId: bob.id }),
    );
    await move(server(0), bob, LATER);
    await move(server(1), ann, travel(HERE, 0, 10));
    const marked = lists.map(({ frames }) => frames.length);
    await move(server(1), bob, NEAR);
    await client.query('COMMIT');
    await Promise.all(
      lists.map((list, index) =>
        list.until(({ frames, entries }) => {
          return (
            frames.length > (marked[index] ?? 0) && entries.get(bob.id)?.location.latitude === NEAR.latitude
          );
        }),
      ),
    );
    const shown = lists.flatMap(({ frames }) => frames.flatMap(({ nearby }) => nearby));
    expect(shown.filter(({ location }) => location.latitude === LATER.latitude)).toEqual([]);
  } finally {
    await client.end();
    redis.disconnect();
  }
});
