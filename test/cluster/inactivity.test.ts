import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, move, signUpFriends, type TestUser } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';

const TTL_SECONDS = 2;
const GRACE_MS = 5_000;
const HERE = { latitude: -33.86, longitude: 151.2 };
const NEAR = travel(HERE, 300, 700);

let cluster: TestCluster;
let here: string;
let there: string;

beforeAll(async () => {
  cluster = await startTestCluster(2, { locationTtlSeconds: TTL_SECONDS });
  [here, there] = cluster.urls as [string, string];
});

afterAll(() => cluster.close());

/** Keeps a user active until stopped. */
function keepMoving(url: string, user: TestUser): { stop(): Promise<void> } {
  let stopped = false;
  const moving = (async () => {
    for (let step = 0; !stopped; step++) await move(url, user, travel(HERE, step % 360, 50));
  })();
  return {
    stop: async () => {
      stopped = true;
      await moving;
    },
  };
}

it('a friend who is silent for the TTL leaves on every server, and comes back with the next update', async () => {
  const [ann, bob] = await signUpFriends(here);
  const walk = keepMoving(here, ann);
  try {
    const lists = [follow(here, ann), follow(there, ann)];
    await move(there, bob, NEAR);
    await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id))));
    const movedAt = Date.parse(lists[0]?.entries.get(bob.id)?.updatedAt ?? '');
    const timeoutMs = TTL_SECONDS * 1_000 + GRACE_MS;
    await Promise.all(lists.map((list) => list.until(({ entries }) => !entries.has(bob.id), timeoutMs)));
    expect(Date.now() - movedAt).toBeGreaterThanOrEqual(TTL_SECONDS * 1_000);
    for (const { frames } of lists) {
      expect(frames.flatMap(({ left }) => left)).toEqual([{ friendId: bob.id, reason: 'UNAVAILABLE' }]);
      expect(frames.filter(({ snapshot }) => snapshot)).toHaveLength(1);
    }
    expect((await follow(here, ann).next()).nearby).toEqual([]);
    await move(here, bob, NEAR);
    await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id), 1_000)));
  } finally {
    await walk.stop();
  }
});

it('one’s own silence empties the list with a snapshot without an origin', async () => {
  const [ann, bob] = await signUpFriends(here);
  const walk = keepMoving(there, bob);
  try {
    await move(there, ann, HERE);
    const list = follow(here, ann);
    await list.until(({ entries }) => entries.has(bob.id));
    await list.until(({ frames }) => frames.at(-1)?.origin === null, TTL_SECONDS * 1_000 + GRACE_MS);
    expect(list.frames.at(-1)).toEqual({ snapshot: true, nearby: [], left: [], origin: null });
    const { nearbyFriends } = await ask<{ nearbyFriends: unknown[] }>(
      there,
      ann.token,
      '{ nearbyFriends { distanceMeters } }',
    );
    expect(nearbyFriends).toEqual([]);
    await move(there, ann, HERE);
    await list.until(({ entries, frames }) => entries.has(bob.id) && frames.at(-1)?.origin !== null, 1_000);
  } finally {
    await walk.stop();
  }
});

it('a location that is sent again and again keeps its user active', async () => {
  const [ann, bob] = await signUpFriends(here);
  const list = follow(there, ann);
  const untilMs = Date.now() + TTL_SECONDS * 1_000 + 2_500;
  while (Date.now() < untilMs) await Promise.all([move(here, ann, HERE), move(there, bob, NEAR)]);
  expect(list.entries.has(bob.id)).toBe(true);
  expect(list.frames.flatMap(({ left }) => left)).toEqual([]);
});
