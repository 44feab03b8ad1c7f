/** From how far away, and with what travels, a viewer sees friends: over two servers, lists and queries alike. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, ask, codesOf, metric, move, request, signUpFriends, UPDATE_LOCATION } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { metersBetween, travel } from '../support/sphere.js';

const SOON_MS = 1_000;
const DEPLOYMENT_METERS = 50_000;
const HERE = { latitude: 48.2, longitude: 16.37 };
const at = (meters: number) => travel(HERE, 80, meters);

let cluster: TestCluster;
let here: string;
let there: string;

beforeAll(async () => {
  cluster = await startTestCluster(2, { sharingMaxRadiusMeters: DEPLOYMENT_METERS });
  [here, there] = cluster.urls as [string, string];
});
afterAll(() => cluster.close());

/** The friends that a query finds, on each server. */
async function found(token: string, radiusMeters: number): Promise<number[]> {
  const query =
    'query ($radiusMeters: Float) { nearbyFriends(radiusMeters: $radiusMeters) { distanceMeters } }';
  const answers = cluster.urls.map((url) =>
    ask<{ nearbyFriends: unknown[] }>(url, token, query, { radiusMeters }),
  );
  return (await Promise.all(answers)).map(({ nearbyFriends }) => nearbyFriends.length);
}

describe('nobody is shown to a viewer', () => {
  it('beyond the deployment’s radius, whatever the viewer asks for', async () => {
    const [ann, bob] = await signUpFriends(here);
    await move(here, ann, HERE);
    await move(there, bob, at(DEPLOYMENT_METERS + 10));
    const lists = cluster.urls.map((url) => follow(url, ann, 500_000));
    for (const list of lists) expect((await list.next()).nearby).toEqual([]);
    expect(await found(ann.token, 500_000)).toEqual([0, 0]);
    await move(there, bob, at(DEPLOYMENT_METERS - 10));
    await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id), SOON_MS)));
    expect(await found(ann.token, 500_000)).toEqual([1, 1]);
    await move(there, bob, at(DEPLOYMENT_METERS + 20));
    await Promise.all(lists.map((list) => list.until(({ entries }) => !entries.has(bob.id), SOON_MS)));
    expect(await found(ann.token, 500_000)).toEqual([0, 0]);
  });

  it('beyond the friend’s own radius: set, moved across, kept, and lifted, within a second on each server', async () => {
    const [ann, bob] = await signUpFriends(here);
    await move(here, ann, HERE);
    await move(there, bob, at(6_000));
    const lists = cluster.urls.map((url) => follow(url, ann, 20_000));
    const seen = (isSeen: boolean) =>
      Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id) === isSeen, SOON_MS)));
    const share = (input: string) =>
      act(there, bob, `updateSharing(input: { enabled: true${input} }) { enabled maxRadiusMeters }`);
    await seen(true);

    expect(await share(', maxRadiusMeters: 5000')).toEqual({ enabled: true, maxRadiusMeters: 5_000 });
    await seen(false);
    for (const { frames } of lists)
      expect(frames.at(-1)).toMatchObject({ left: [{ friendId: bob.id, reason: 'UNAVAILABLE' }] });
    expect(await found(ann.token, 20_000)).toEqual([0, 0]);

    await move(here, bob, at(4_900));
    await seen(true);
    expect(await found(ann.token, 20_000)).toEqual([1, 1]);
    await move(here, bob, at(5_100));
    await seen(false);
    // The viewer moves, too.
    await move(there, ann, at(1_000));
    await seen(true);
    await move(there, ann, HERE);
    await seen(false);

    // An app that knows nothing of the limit does not lift it.
    expect(await share('')).toEqual({ enabled: true, maxRadiusMeters: 5_000 });
    expect(await ask(here, bob.token, '{ sharing { maxRadiusMeters } }')).toEqual({
      sharing: { maxRadiusMeters: 5_000 },
    });
    expect(await found(ann.token, 20_000)).toEqual([0, 0]);
    expect(await share(', maxRadiusMeters: null')).toEqual({ enabled: true, maxRadiusMeters: null });
    await seen(true);
    // Those whom the friend sees are not concerned.
    await share(', maxRadiusMeters: 5000');
    expect(await found(bob.token, 20_000)).toEqual([1, 1]);
  });

  it('by a radius that is none', async () => {
    const [ann] = await signUpFriends(here);
    for (const radius of ['0', '-1', '500000.1']) {
      const update = `mutation { updateSharing(input: { enabled: true, maxRadiusMeters: ${radius} }) { enabled } }`;
      expect(await codesOf(here, ann.token, update)).toEqual(['BAD_USER_INPUT']);
    }
  });
});

it('a viewer who is everywhere sees the list freeze, is told so, and sees it move again after a plausible way', async () => {
  const [ann, bob] = await signUpFriends(here);
  const place = (degrees: number) => ({ latitude: 10, longitude: degrees });
  await move(here, bob, place(90));
  await move(here, ann, place(0));
  const list = follow(there, ann, DEPLOYMENT_METERS);
  await list.next();
  const leap = (degrees: number) =>
    request<{ updateLocation: unknown }>(here, ann.token, UPDATE_LOCATION, { input: place(degrees) });
  let leaps = 0;
  let refused = await leap(10);
  while (refused.errors === undefined && leaps < 20) refused = await leap(10 * (++leaps + 1));
  expect(leaps).toBe(8);
  expect(refused.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
  const { retryAfterSeconds } = refused.errors?.[0]?.extensions as { retryAfterSeconds?: number };
  expect(retryAfterSeconds).toBeGreaterThan(0);
  expect(retryAfterSeconds).toBeLessThanOrEqual(300);
  // The friend is there, and the viewer is not.
  expect((await leap(90.1)).errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
  expect(await found(ann.token, DEPLOYMENT_METERS)).toEqual([0, 0]);
  const history = '{ locationHistory(first: 1000) { edges { node { longitude } } } }';
  const { locationHistory } = await ask<{ locationHistory: { edges: unknown[] } }>(here, ann.token, history);
  expect(locationHistory.edges).toHaveLength(1 + 8);
  expect(await metric(here, 'nearby_drops_total{cause="travel too fast"}')).toBe(2);

  const farFrom = (degrees: number) =>
    expect.closeTo(metersBetween(place(degrees), place(80.05)), 0) as number;
  await move(here, bob, place(80.05));
  await list.until(({ entries }) => entries.has(bob.id), SOON_MS);
  expect(list.entries.get(bob.id)?.distanceMeters).toEqual(farFrom(80));
  await move(there, ann, place(80.06));
  await list.next(SOON_MS);
  expect(list.entries.get(bob.id)?.distanceMeters).toEqual(farFrom(80.06));
});
