import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, befriend, connectForTest, move, signUp, signUpFriends } from '../support/api.js';
import { isToldAs } from '../support/list-oracle.js';
import { type Frame, follow, followNearby, type NearbyEntry } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { metersBetween, type Place, travel } from '../support/sphere.js';

/** How soon a change has to show, on whatever server it was made. */
const SOON_MS = 1_000;
const HERE = { latitude: 37.98, longitude: 23.73 };
const NEAR = travel(HERE, 60, 1_200);
const NEARER = travel(HERE, 200, 300);
const FAR = travel(HERE, 120, 9_000);

let cluster: TestCluster;
let here: string;
let there: string;

beforeAll(async () => {
  cluster = await startTestCluster(2);
  [here, there] = cluster.urls as [string, string];
});

afterAll(() => cluster.close());

describe('a live list', () => {
  it('opens with a snapshot, empty and without an origin before the first location of one’s own', async () => {
    const [ann, bob] = await signUpFriends(here);
    await move(there, bob, NEAR);
    const list = follow(here, ann);
    expect(await list.next()).toEqual({ snapshot: true, nearby: [], left: [], origin: null });
    await move(there, ann, HERE);
    await list.until(({ entries }) => entries.has(bob.id), SOON_MS);
    expect(list.frames.at(-1)?.origin).toEqual(HERE);
  });

  it('opens with the friends who are near, nearest first, with distance, place and times', async () => {
    const [ann, bob] = await signUpFriends(here);
    const [carol, dan] = await Promise.all([signUp(there), signUp(there)]);
    await Promise.all([befriend(there, ann, carol), befriend(here, ann, dan)]);
    const before = Date.now();
    await Promise.all([move(there, bob, NEAR), move(here, carol, NEARER), move(here, dan, FAR)]);
    await move(here, ann, HERE);
    const frame = await follow(there, ann).next();
    expect(frame).toMatchObject({ snapshot: true, left: [], origin: HERE });
    expect(frame.nearby.map(({ friend }) => friend)).toEqual([
      { id: carol.id, handle: carol.handle, displayName: 'Somebody' },
      { id: bob.id, handle: bob.handle, displayName: 'Somebody' },
    ]);
    expectDistances(frame, HERE);
    for (const { updatedAt, location } of frame.nearby) {
      expect(Date.parse(updatedAt)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(updatedAt)).toBeLessThanOrEqual(Date.now());
      expect(location.recordedAt).toBe(updatedAt);
    }
  });

  it('tells who enters, moves, leaves and comes back, and nothing of who stays away', async () => {
    const [ann, bob] = await signUpFriends(here);
    const far = await signUp(here);
    await befriend(here, ann, far);
    await move(here, ann, HERE);
    const list = follow(here, ann);
    expect((await list.next()).nearby).toEqual([]);

    await move(there, far, FAR);
    await move(there, bob, NEAR);
    expect(await list.next(SOON_MS)).toMatchObject({
      snapshot: false,
      nearby: [place(bob.id, NEAR)],
      left: [],
    });
    await move(there, far, travel(FAR, 120, 500));
    await move(here, bob, NEARER);
    expect(await list.next(SOON_MS)).toMatchObject({
      snapshot: false,
      nearby: [place(bob.id, NEARER)],
      left: [],
    });
    await move(there, bob, FAR);
    expect(await list.next(SOON_MS)).toMatchObject({
      snapshot: false,
      nearby: [],
      left: [{ friendId: bob.id, reason: 'OUT_OF_RANGE' }],
    });
    await move(there, bob, NEAR);
    expect(await list.next(SOON_MS)).toMatchObject({ nearby: [place(bob.id, NEAR)], left: [] });
    expect(list.frames).toHaveLength(5);
    expect(list.frames.filter(({ snapshot }) => snapshot)).toHaveLength(1);
  });

  it('follows one’s own movement, also through the other server', async () => {
    const [ann, bob] = await signUpFriends(here);
    await Promise.all([move(here, ann, HERE), move(there, bob, NEAR)]);
    const list = follow(here, ann);
    await list.until(({ entries }) => entries.has(bob.id));
    for (const [url, to] of [
      [there, NEARER],
      [here, travel(HERE, 10, 2_000)],
    ] as const) {
      await move(url, ann, to);
      await list.until(({ frames }) => frames.at(-1)?.origin?.latitude === to.latitude, SOON_MS);
      const frame = list.frames.at(-1) as Frame;
      expect(frame.nearby.map(({ friend }) => friend.id)).toEqual([bob.id]);
      expectDistances(frame, to);
    }
    await move(there, ann, travel(NEAR, 250, 8_100));
    await list.until(({ entries }) => !entries.has(bob.id), SOON_MS);
    expect(list.frames.at(-1)?.left).toEqual([{ friendId: bob.id, reason: 'OUT_OF_RANGE' }]);
    await move(there, ann, travel(NEAR, 250, 8_000));
    await list.until(({ entries }) => entries.has(bob.id), SOON_MS);
  });

  it('keeps several lists of different radii on one socket apart', async () => {
    const [ann, bob] = await signUpFriends(here);
    await move(here, ann, HERE);
    const client = connectForTest(there, ann.token);
    const radii = [500, 5_000, undefined, 500_000];
    const lists = radii.map((radius) => followNearby(client, radius));
    await Promise.all(lists.map((list) => list.until(({ frames }) => frames.length > 0)));
    for (const meters of [300, 2_000, 7_000, 100_000, 600_000, 400]) {
      await move(here, bob, travel(HERE, 77, meters));
      await Promise.all(
        lists.map((list, index) =>
          list.until(({ entries }) => {
            const entry = entries.get(bob.id);
            if (meters > (radii[index] ?? 8_046.72)) return entry === undefined;
            return entry !== undefined && Math.abs(entry.distanceMeters - meters) < 1;
          }, SOON_MS),
        ),
      );
    }
    lists[1]?.close();
    await move(here, bob, NEARER);
    await lists[2]?.until(({ entries }) => (entries.get(bob.id)?.distanceMeters ?? 0) < 310, SOON_MS);
    expect(lists[1]?.entries.get(bob.id)?.distanceMeters).toBeCloseTo(400, 1);
  });

  it('never steps back in time, and a clock that runs ahead does not freeze a friend', async () => {
    const [ann, bob] = await signUpFriends(here);
    await move(here, ann, HERE);
    const list = follow(here, ann);
    await list.next();
    await move(there, bob, { ...NEAR, recordedAt: new Date(Date.now() + 50_000).toISOString() });
    await list.until(({ entries }) => entries.has(bob.id), SOON_MS);
    await move(here, bob, { ...FAR, recordedAt: new Date(Date.now() - 60_000).toISOString() });
    await move(there, bob, NEARER);
    await list.until(({ entries }) => entries.get(bob.id)?.location.latitude === NEARER.latitude, SOON_MS);
    expect(list.frames.flatMap(({ left }) => left)).toEqual([]);
  });
});

describe('distance', () => {
  const cases: readonly [string, Place, Place][] = [
    [
      'across the antimeridian',
      { latitude: -16.8, longitude: 179.98 },
      { latitude: -16.79, longitude: -179.99 },
    ],
    ['between 180 and -180', { latitude: 10, longitude: 180 }, { latitude: 10, longitude: -180 }],
    ['over the north pole', { latitude: 89.98, longitude: 12 }, { latitude: 89.97, longitude: -168 }],
    ['at the south pole', { latitude: -90, longitude: 0 }, { latitude: -89.99, longitude: 133 }],
    [
      'between two longitudes of one pole',
      { latitude: 90, longitude: 20 },
      { latitude: 90, longitude: -150 },
    ],
    ['far along a meridian', { latitude: 2, longitude: 30 }, { latitude: -2.4, longitude: 30 }],
  ];

  it.each(cases)('is right %s', async (_name, origin, target) => {
    const [ann, bob] = await signUpFriends(here);
    await move(there, ann, origin);
    const list = follow(here, ann, 500_000);
    await list.next();
    await move(there, bob, target);
    expectDistances(await list.next(SOON_MS), origin);
    expect(list.entries.size).toBe(1);
  });

  it('decides at the radius to the metre', async () => {
    const [ann, bob] = await signUpFriends(here);
    await move(there, ann, HERE);
    const list = follow(here, ann, 1_000);
    await list.next();
    await move(there, bob, travel(HERE, 45, 1_000.5));
    await move(there, bob, travel(HERE, 45, 999.5));
    expect((await list.next(SOON_MS)).nearby[0]?.distanceMeters).toBeCloseTo(999.5, 1);
    await move(there, bob, travel(HERE, 45, 1_000.5));
    expect((await list.next(SOON_MS)).left).toEqual([{ friendId: bob.id, reason: 'OUT_OF_RANGE' }]);
  });
});

it('the query answers what a new subscription opens with', async () => {
  const ann = await signUp(here);
  const friends = await Promise.all([NEAR, NEARER, FAR].map(() => signUp(there)));
  await Promise.all(friends.map((friend) => befriend(here, ann, friend)));
  await Promise.all(friends.map((friend, index) => move(here, friend, [NEAR, NEARER, FAR][index] as Place)));
  await move(there, ann, HERE);
  for (const radius of [null, 500, 20_000]) {
    for (const url of [here, there]) {
      const { nearbyFriends } = await ask<{ nearbyFriends: NearbyEntry[] }>(
        url,
        ann.token,
        `query ($radius: Float) { nearbyFriends(radiusMeters: $radius) {
          friend { id handle displayName } distanceMeters updatedAt location { latitude longitude recordedAt } } }`,
        { radius },
      );
      expect(nearbyFriends).toHaveLength(radius === null ? 2 : radius === 500 ? 1 : 3);
      expect((await follow(url, ann, radius ?? undefined).next()).nearby).toEqual(nearbyFriends);
    }
  }
});

function place(friendId: string, at: Place) {
  return { friend: { id: friendId }, location: at };
}

/** Of every entry of a frame, to the centimetre, and in order. */
function expectDistances({ nearby }: Frame, origin: Place): void {
  expect(nearby.length).toBeGreaterThan(0);
  const distances = nearby.map(({ distanceMeters }) => distanceMeters);
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
  for (const { distanceMeters, location } of nearby) {
    const expected = metersBetween(origin, location);
    expect(isToldAs(expected, distanceMeters), `${distanceMeters}, not ${expected}`).toBe(true);
  }
}
