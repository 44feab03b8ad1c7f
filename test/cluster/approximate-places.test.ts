/** Friends who are shown approximately, over two servers: in lists, in event streams and to who asks. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { act, ask, connectForTest, move, signUpFriends, type TestUser } from '../support/api.js';
import { follow, type NearbyEntry, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { metersBetween, travel } from '../support/sphere.js';

/** How soon a change has to show, on whatever server it was made. */
const SOON_MS = 1_000;
const MINUTE_MS = 60_000;
const HERE = { latitude: 48.2, longitude: 16.37 };
const NEAR = travel(HERE, 80, 900);

let cluster: TestCluster;
let here: string;
let there: string;

beforeAll(async () => {
  cluster = await startTestCluster(2);
  [here, there] = cluster.urls as [string, string];
});
afterAll(() => cluster.close());

const ENTRY = `friend { id } distanceMeters updatedAt precision
  location { latitude longitude accuracyMeters recordedAt }`;

type Entry = NearbyEntry & { readonly precision: string };

/** What a query finds, on each server. */
const found = (user: TestUser): Promise<Entry[]> =>
  Promise.all(
    cluster.urls.map(async (url) => {
      const { nearbyFriends } = await ask<{ nearbyFriends: Entry[] }>(
        url,
        user.token,
        `{ nearbyFriends { ${ENTRY} } }`,
      );
      expect(nearbyFriends).toHaveLength(1);
      return nearbyFriends[0] as Entry;
    }),
  );

/** The friend as the first message of a new list on each server has it. */
const opened = (user: TestUser): Promise<Entry[]> =>
  Promise.all(
    cluster.urls.map(async (url) => {
      const query = `subscription { nearbyFriends { nearby { ${ENTRY} } } }`;
      const results = connectForTest(url, user.token).iterate<{ nearbyFriends: { nearby: Entry[] } }>({
        query,
      });
      const { value } = (await results.next()) as { value: { data: { nearbyFriends: { nearby: Entry[] } } } };
      await results.return?.();
      return value.data.nearbyFriends.nearby[0] as Entry;
    }),
  );

const share = (url: string, user: TestUser, precision: string) =>
  act<{ precision: string }>(
    url,
    user,
    `updateSharing(input: { enabled: true, precision: ${precision} }) { precision }`,
  );

async function twoNear() {
  const [ann, bob] = await signUpFriends(here);
  await Promise.all([move(here, ann, HERE), move(there, bob, NEAR)]);
  const lists = [follow(here, ann), follow(there, ann)];
  await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id))));
  const until = (condition: (entry: NearbyEntry | undefined) => boolean, waitMs = SOON_MS) =>
    Promise.all(lists.map((list) => list.until(({ entries }) => condition(entries.get(bob.id)), waitMs)));
  return { ann, bob, lists, until };
}

const isFullMinute = (time: string): boolean => Date.parse(time) % MINUTE_MS === 0;
const placeOf = ({ location: { latitude, longitude } }: NearbyEntry) => ({ latitude, longitude });

it('a list, a query and a new list tell the same middle of a cell and full minutes, within a second of the change', async () => {
  const { ann, bob, lists, until } = await twoNear();
  expect(await share(there, bob, 'APPROXIMATE')).toEqual({ precision: 'APPROXIMATE' });
  await until((entry) => entry !== undefined && isFullMinute(entry.updatedAt));
  const shown = [...(await found(ann)), ...(await opened(ann))];
  for (const entry of shown) {
    expect(entry).toMatchObject({ precision: 'APPROXIMATE', location: placeOf(shown[0] as Entry) });
    expect(isFullMinute(entry.updatedAt) && isFullMinute(entry.location.recordedAt)).toBe(true);
    expect(metersBetween(NEAR, placeOf(entry))).toBeLessThan(790);
    expect(entry.distanceMeters).toBeCloseTo(metersBetween(HERE, placeOf(entry)), 2);
    expect(entry.location).toMatchObject({ accuracyMeters: expect.closeTo(778, -1) as number });
  }
  for (const { entries } of lists)
    expect(placeOf(entries.get(bob.id) as NearbyEntry)).toEqual(placeOf(shown[0] as Entry));
  expect(await share(here, bob, 'EXACT')).toEqual({ precision: 'EXACT' });
  await until((entry) => entry?.location.latitude === NEAR.latitude);
  for (const entry of [...(await found(ann)), ...(await opened(ann))])
    expect(entry).toMatchObject({ precision: 'EXACT', location: { ...NEAR, accuracyMeters: null } });
});

it('one friend sees the exact place while the others see about where it is', async () => {
  const { ann, bob, until } = await twoNear();
  await share(there, bob, 'APPROXIMATE');
  await until((entry) => entry?.location.latitude !== NEAR.latitude);
  await act(here, bob, `setSharingException(input: { friendId: "${ann.id}" }) { precision }`);
  await until((entry) => entry?.location.latitude === NEAR.latitude);
  expect(await found(ann)).toMatchObject([{ precision: 'EXACT' }, { precision: 'EXACT' }]);
  await act(here, bob, `clearSharingException(friendId: "${ann.id}")`);
  await until((entry) => entry?.location.latitude !== NEAR.latitude);
});

it('a crossing is told at a full minute, the same on both servers, and no fix before it is', async () => {
  const { ann, bob, lists, until } = await twoNear();
  await share(there, bob, 'APPROXIMATE');
  await until((entry) => entry?.location.latitude !== NEAR.latitude);
  // There is time for what follows before the minute is over.
  const leftMs = MINUTE_MS - (Date.now() % MINUTE_MS);
  if (leftMs < 5_000) await new Promise((resolve) => setTimeout(resolve, leftMs + 100));
  const before = placeOf((await found(ann))[0] as Entry);
  const told = lists.map(({ frames }) => frames.length);
  for (const meters of [10, 60, 110])
    await move(meters === 60 ? here : there, bob, travel(before, 10, meters));
  const crossed = travel(before, 100, 2_500);
  await move(here, bob, crossed);
  for (const entry of [...(await found(ann)), ...(await opened(ann))]) expect(placeOf(entry)).toEqual(before);
  expect(lists.map(({ frames }) => frames.length)).toEqual(told);

  const isCrossed = (entry: NearbyEntry | undefined) =>
    entry !== undefined && metersBetween(placeOf(entry), crossed) < 790;
  const toldAtMs = await Promise.all(
    lists.map(async (list: NearbyList) => {
      await list.until(({ entries }) => isCrossed(entries.get(bob.id)), MINUTE_MS + SOON_MS);
      return Date.now();
    }),
  );
  for (const atMs of toldAtMs) expect(atMs % MINUTE_MS).toBeLessThan(SOON_MS);
  for (const { frames, entries } of lists) {
    expect(isFullMinute(entries.get(bob.id)?.updatedAt ?? '')).toBe(true);
    expect(frames.flatMap(({ left }) => left)).toEqual([]);
  }
  for (const entry of await found(ann)) expect(isCrossed(entry)).toBe(true);
}, 90_000);
