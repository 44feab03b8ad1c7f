import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { act, ask, move, signUpFriends, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';

/** How soon a location that was taken back has to leave, on whatever server. */
const SOON_MS = 1_000;
const HERE = { latitude: 48.2, longitude: 16.37 };
const NEAR = travel(HERE, 80, 900);

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

const historyOf = async (user: TestUser): Promise<number> => {
  const asked = '{ locationHistory { edges { node { latitude } } } }';
  const { locationHistory } = await ask<{ locationHistory: { edges: unknown[] } }>(
    server(0),
    user.token,
    asked,
  );
  return locationHistory.edges.length;
};

it.each([0, 1])(
  'a location that is taken back through server %i leaves at once, and the next report shows the user again',
  async (index) => {
    const { bob, lists } = await twoNear();
    const own = follow(server(1 - index), bob);
    await own.until(({ entries }) => entries.size === 1);
    expect(await act(server(index), bob, 'clearLocation')).toBe(true);
    await gone(lists, bob);
    await own.until(({ frames }) => frames.at(-1)?.origin === null, SOON_MS);
    expect(await act(server(index), bob, 'clearLocation')).toBe(false);
    expect(await historyOf(bob)).toBe(1);
    expect((await follow(server(index), bob).next()).origin).toBeNull();

    await move(server(index), bob, travel(HERE, 80, 500));
    await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id), SOON_MS)));
    await own.until(({ entries }) => entries.size === 1, SOON_MS);
  },
);

it.each([0, 1])('whoever signs out through server %i leaves the lists of friends at once', async (index) => {
  const { ann, bob, lists } = await twoNear();
  expect(await act(server(index), bob, 'signOut')).toBe(true);
  await gone(lists, bob);
  expect((await follow(server(index), ann).next()).nearby).toEqual([]);
});

it('a server that did not hear of it, as its connection was lost, finds it when it reads again', async () => {
  const { bob, lists } = await twoNear();
  const redis = new Redis(cluster.redis.url);
  onTestFinished(() => redis.disconnect());
  await Promise.all([redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub'), act(server(0), bob, 'clearLocation')]);
  await Promise.all(lists.map((list) => list.until(({ entries }) => !entries.has(bob.id))));
});

it('a session that has ended takes nothing back', async () => {
  const { bob, lists } = await twoNear();
  const signIn = `mutation ($handle: String!) {
    signIn(input: { handle: $handle, password: "correct horse battery" }) { accessToken }
  }`;
  const other = await ask<{ signIn: { accessToken: string } }>(server(1), null, signIn, {
    handle: bob.handle,
  });
  expect(await act(server(0), bob, 'signOut')).toBe(true);
  await gone(lists, bob);
  await move(server(1), { ...bob, token: other.signIn.accessToken }, NEAR);
  await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id), SOON_MS)));
  expect(await act(server(1), bob, 'signOut')).toBe(false);
  expect(lists.map(({ entries }) => entries.has(bob.id))).toEqual([true, true]);
});

it('what was on its way when the location was taken back goes to the history alone', async () => {
  const { ann, bob, lists } = await twoNear();
  const recordedAt = new Date().toISOString();
  await act(server(0), bob, 'clearLocation');
  await gone(lists, bob);
  // Through either server: the one whose lists have forgotten, and one that still has to hear.
  for (const index of [0, 1]) await move(server(index), bob, { ...NEAR, recordedAt });
  const { nearbyFriends } = await ask<{ nearbyFriends: unknown[] }>(
    server(1),
    ann.token,
    '{ nearbyFriends { distanceMeters } }',
  );
  expect(nearbyFriends).toEqual([]);
  expect(lists.map(({ entries }) => entries.size)).toEqual([0, 0]);
  expect(await historyOf(bob)).toBe(3);
});

it('no report that was answered before the location was taken back is shown after it', async () => {
  const { bob, lists } = await twoNear();
  for (let round = 0; round < 10; round++) {
    const walks = [0, 1].map((index) => move(server(index), bob, travel(HERE, 80, 100 + round)));
    await Promise.all(walks);
    await act(server(round % 2), bob, 'clearLocation');
    await Promise.all(lists.map((list) => list.until(({ entries }) => !entries.has(bob.id), SOON_MS)));
    const later = follow(server(round % 2), bob);
    expect((await later.next()).origin).toBeNull();
    later.close();
  }
});
