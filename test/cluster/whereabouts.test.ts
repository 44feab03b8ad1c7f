/** Lists watch those friends alone who may be near, and show everybody as if they watched all. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createLocationStore } from '../../src/adapters/redis/location-store.js';
import { ANNOUNCEMENT_MS } from '../../src/domain/whereabouts.js';
import { systemClock } from '../../src/time/clock.js';
import { befriend, connectForTest, move, signUp, type TestUser } from '../support/api.js';
import { listFault } from '../support/list-oracle.js';
import { follow, followNearby, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { type Place, travel } from '../support/sphere.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const east = (meters: number): Place => travel(HERE, 90, meters);
const SOON = { timeout: 5_000, interval: 20 };
const FIVE_MILES = 8_046.72;

let cluster: TestCluster;
let observer: Redis;

beforeAll(async () => {
  cluster = await startTestCluster(2, { maxSpeedMetersPerSecond: 1e9 });
  observer = new Redis(cluster.redis.url);
});
afterAll(async () => {
  observer.disconnect();
  await cluster.close();
});

const server = (index: number): string => cluster.urls[index % 2] as string;

async function withFriends(count: number): Promise<[viewer: TestUser, ...friends: TestUser[]]> {
  const viewer = await signUp(server(0));
  const friends = await Promise.all(Array.from({ length: count }, () => signUp(server(0))));
  for (const friend of friends) await befriend(server(0), viewer, friend);
  return [viewer, ...friends];
}

/** How many servers subscribe to a channel. */
async function subscribers(channel: string): Promise<number> {
  const [, count] = await observer.pubsub('NUMSUB', channel);
  return Number(count);
}

const showsExactly = (list: NearbyList, friends: readonly TestUser[]): Promise<void> =>
  list.until(
    ({ entries, frames }) =>
      frames.length > 0 && entries.size === friends.length && friends.every(({ id }) => entries.has(id)),
  );

test('absent and far friends have no subscription in Redis, and are seen by every server when they come', async () => {
  const [viewer, near, far, absent] = (await withFriends(3)) as [TestUser, TestUser, TestUser, TestUser];
  const { userChannel, inboxChannel } = cluster.names;
  await move(server(0), viewer, HERE);
  await move(server(0), near, east(100));
  await move(server(1), far, east(40_000));
  const lists = [follow(server(0), viewer), follow(server(1), viewer)];
  for (const list of lists) await showsExactly(list, [near]);
  const watching = (): Promise<number[]> =>
    Promise.all([near, far, absent].map(({ id }) => subscribers(userChannel(id))));
  expect(await watching()).toEqual([2, 0, 0]);
  expect(await subscribers(inboxChannel(viewer.id))).toBe(2);

  // Over HTTP, to a server that knows nothing of them.
  await move(server(1), absent, east(-7_000));
  for (const list of lists) await showsExactly(list, [near, absent]);
  await move(server(0), far, east(8_000));
  for (const list of lists) await showsExactly(list, [near, absent, far]);
  // Who comes near is shown while the subscription is on its way.
  await vi.waitFor(async () => expect(await watching()).toEqual([2, 2, 2]), SOON);

  await move(server(1), far, east(5_000_000));
  for (const list of lists) await showsExactly(list, [near, absent]);
  await vi.waitFor(async () => expect(await watching()).toEqual([2, 0, 2]), SOON);
  for (const list of lists) list.close();
  await vi.waitFor(async () => expect(await watching()).toEqual([0, 0, 0]), SOON);
  expect(await subscribers(inboxChannel(viewer.id))).toBe(0);
});

test('a friend on the motorway, and a viewer, are on lists of any radius at every step, over one socket', async () => {
  const [viewer, friend] = (await withFriends(1)) as [TestUser, TestUser];
  const radii = [500, FIVE_MILES, 500_000];
  const clients = [0, 1].map((index) => connectForTest(server(index), viewer.token));
  const lists = clients.flatMap((client) =>
    radii.map((radiusMeters) => ({ radiusMeters, list: followNearby(client, radiusMeters) })),
  );
  await Promise.all(lists.map(({ list }) => list.next()));
  const places = { viewer: HERE, friend: east(-30_000) };
  await move(server(0), viewer, places.viewer);
  const allRight = async (when: string): Promise<void> => {
    for (const { radiusMeters, list } of lists) {
      const watched = { origin: places.viewer, friends: new Map([[friend.id, places.friend]]), radiusMeters };
      const fault = (): string | null => listFault(watched, list.entries.values());
      await list
        .until(() => fault() === null, 5_000)
        .catch(() => expect.fail(`${when}: ${radiusMeters}: ${fault()}`));
    }
  };
  const go = async (who: 'viewer' | 'friend', to: Place, when: string): Promise<void> => {
    places[who] = to;
    await move(server(Math.round(to.longitude * 1e6)), who === 'viewer' ? viewer : friend, to);
    await allRight(when);
  };
  for (let meters = -30_000; meters <= 12_000; meters += 1_500)
    await go('friend', east(meters), `friend ${meters}`);
  for (let meters = 0; meters <= 24_000; meters += 3_000)
    await go('viewer', east(meters), `viewer ${meters}`);
  // Exactly at the radius, and to the other side of the world and back.
  const at = places.viewer;
  for (const [name, to] of [
    ['at 500 m', travel(at, 45, 500)],
    ['at 5 miles', travel(at, 45, FIVE_MILES)],
    ['at 500 km', travel(at, 45, 500_000)],
    ['5,000 km away', travel(at, 200, 5_000_000)],
    ['back', travel(at, 200, 50)],
    ['at a pole', { latitude: -90, longitude: 0 }],
    ['back again', travel(at, 10, 499)],
  ] as const) {
    await go('friend', to, name);
  }
  await go('viewer', { latitude: 89.999, longitude: 100 }, 'the viewer at the other pole');
  await go('friend', { latitude: 89.999, longitude: -80 }, 'beyond the pole');
  await go('viewer', { latitude: -17.7, longitude: 179.999 }, 'the viewer at the antimeridian');
  await go('friend', { latitude: -17.7, longitude: -179.999 }, 'beyond the antimeridian');
}, 60_000);

test('a server that dies between Redis and the announcement: another one announces with the next update', async () => {
  const [viewer, friend] = (await withFriends(1)) as [TestUser, TestUser];
  await move(server(0), viewer, HERE);
  const list = follow(server(0), viewer);
  await list.next();
  // All that such a server has done.
  const store = createLocationStore(observer, 600_000, cluster.names, systemClock);
  const nowMs = Date.now();
  const update = { id: crypto.randomUUID(), ...east(300), accuracyMeters: null };
  await store.publish(friend.id, { ...update, recordedAtMs: nowMs, receivedAtMs: nowMs });
  await new Promise((resolve) => setTimeout(resolve, ANNOUNCEMENT_MS + 100));
  expect(list.entries.size).toBe(0);
  await move(server(1), friend, east(310));
  await showsExactly(list, [friend]);
  const record = async (): Promise<string> =>
    (await observer.get(cluster.names.locationKey(friend.id))) ?? '';
  await vi.waitFor(async () => expect(await record()).toMatch(/,3",/), SOON);
});
