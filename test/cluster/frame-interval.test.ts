import { afterAll, beforeAll, expect, it } from 'vitest';
import { befriend, move, signUp, signUpFriends } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';

const INTERVAL_MS = 1_000;
/** What a timer and a socket may shift a message by. */
const SLACK_MS = 60;
const STEPS = 10;
const HERE = { latitude: 64.14, longitude: -21.94 };

let cluster: TestCluster;
let here: string;
let there: string;

beforeAll(async () => {
  cluster = await startTestCluster(2, { frameIntervalMs: INTERVAL_MS });
  [here, there] = cluster.urls as [string, string];
});

afterAll(() => cluster.close());

it('the first change after quiet goes out at once, later ones share a message, the newest per friend', async () => {
  const [ann, bob] = await signUpFriends(here);
  const carol = await signUp(there);
  await befriend(here, ann, carol);
  await move(here, ann, HERE);
  const list = follow(here, ann);
  await list.next();
  await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS + SLACK_MS)); // The quiet spell itself.

  const startedAt = performance.now();
  await move(there, bob, travel(HERE, 0, 100));
  expect((await list.next()).nearby.map(({ friend }) => friend.id)).toEqual([bob.id]);
  expect(performance.now() - startedAt).toBeLessThan(500);

  for (let step = 1; step <= STEPS; step++) {
    await Promise.all([
      move(step % 2 ? here : there, bob, travel(HERE, 0, 100 + step)),
      move(step % 2 ? there : here, carol, travel(HERE, 90, 200 + step)),
    ]);
  }
  const merged = await list.next();
  // The first left after the start, however late a busy machine has shown it here.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(INTERVAL_MS - SLACK_MS);
  expect(merged.nearby.map(({ friend }) => friend.id)).toEqual([bob.id, carol.id]);

  // On a busy machine the last steps come after the interval, and with the message that follows.
  const newest = new Map<string, number>();
  for (let frame = merged; ; frame = await list.next()) {
    for (const { friend, distanceMeters } of frame.nearby) newest.set(friend.id, Math.round(distanceMeters));
    if (newest.get(bob.id) === 100 + STEPS && newest.get(carol.id) === 200 + STEPS) break;
  }
  expect(list.frames.length).toBeLessThan(STEPS);
});

it('under a stream of updates messages keep their distance and end with the newest', async () => {
  const [ann, bob] = await signUpFriends(here);
  await move(here, ann, HERE);
  const list = follow(there, ann);
  await list.next();
  const arrivals: number[] = [];
  let counted = list.frames.length;
  const startedAt = performance.now();
  let last = HERE;
  while (performance.now() - startedAt < 3.5 * INTERVAL_MS) {
    last = travel(HERE, 45, 100 + arrivals.length);
    await move(here, bob, last);
    for (; counted < list.frames.length; counted++) arrivals.push(performance.now());
  }
  await list.until(({ entries }) => entries.get(bob.id)?.location.latitude === last.latitude);
  expect(arrivals.length).toBeGreaterThanOrEqual(3);
  expect(arrivals.length).toBeLessThanOrEqual(5);
});

it('in and out again within one interval stays silent', async () => {
  const [ann, bob] = await signUpFriends(here);
  const marker = await signUp(there);
  await befriend(here, ann, marker);
  await Promise.all([move(here, ann, HERE), move(here, bob, travel(HERE, 0, 20_000))]);
  const list = follow(there, ann);
  await list.next();
  await move(here, bob, travel(HERE, 0, 1_000));
  await move(here, bob, travel(HERE, 0, 21_000));
  await move(here, marker, travel(HERE, 180, 10));
  const frame = await list.next();
  expect(frame.nearby.map(({ friend }) => friend.id)).toEqual([marker.id]);
  expect(frame.left).toEqual([]);
});
