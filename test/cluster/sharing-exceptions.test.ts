/** What one friend sees, whatever the others see: over two servers, in lists and in queries. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { act, ask, befriend, codesOf, move, signUp, signUpFriends, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';

/** How soon a change has to show, on whatever server it was made. */
const SOON_MS = 1_000;
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

const lists = (user: TestUser): NearbyList[] => cluster.urls.map((url) => follow(url, user));

const shows = (all: readonly NearbyList[], friend: TestUser, isShown: boolean, waitMs = SOON_MS) =>
  Promise.all(all.map((list) => list.until(({ entries }) => entries.has(friend.id) === isShown, waitMs)));

/** Whom a query finds, on each server. */
async function found(user: TestUser): Promise<string[][]> {
  const query = '{ nearbyFriends { friend { id } } }';
  const answers = cluster.urls.map((url) =>
    ask<{ nearbyFriends: { friend: { id: string } }[] }>(url, user.token, query),
  );
  return (await Promise.all(answers)).map(({ nearbyFriends }) =>
    nearbyFriends.map(({ friend }) => friend.id),
  );
}

const exempt = (url: string, user: TestUser, friend: TestUser, input: string) =>
  act(
    url,
    user,
    `setSharingException(input: { friendId: "${friend.id}"${input} }) { enabled precision until }`,
  );
const clear = (url: string, user: TestUser, friend: TestUser) =>
  act(url, user, `clearSharingException(friendId: "${friend.id}")`);

/** Bob is near Ann and Cid, who are his friends and have lists open on both servers. */
async function nearBoth() {
  const [bob, ann] = await signUpFriends(here);
  const cid = await signUp(there);
  await befriend(there, bob, cid);
  for (const viewer of [ann, cid]) await move(here, viewer, HERE);
  await move(there, bob, NEAR);
  const [ofAnn, ofCid] = [lists(ann), lists(cid)];
  for (const all of [ofAnn, ofCid]) await shows(all, bob, true);
  return { ann, bob, cid, ofAnn, ofCid };
}

it('hiding from one friend takes the user off that friend’s lists alone, like a silence, and comes back when cleared', async () => {
  const { ann, bob, cid, ofAnn, ofCid } = await nearBoth();
  const hidden = { enabled: false, precision: 'EXACT', until: null };
  expect(await exempt(there, bob, ann, ', enabled: false')).toEqual(hidden);
  await shows(ofAnn, bob, false);
  for (const { frames } of ofAnn) {
    expect(frames.at(-1)).toMatchObject({ left: [{ friendId: bob.id, reason: 'UNAVAILABLE' }] });
  }
  expect(await found(ann)).toEqual([[], []]);

  // Ann gets no message of a move, of a pause, or of the end of one. Cid gets all of them.
  const told = ofAnn.map(({ frames }) => frames.length);
  await move(there, bob, travel(HERE, 80, 700));
  await act(there, bob, 'updateSharing(input: { enabled: false }) { enabled }');
  await shows(ofCid, bob, false);
  await act(there, bob, 'updateSharing(input: { enabled: true }) { enabled }');
  await shows(ofCid, bob, true);
  expect(await found(cid)).toEqual([[bob.id], [bob.id]]);
  expect(ofAnn.map(({ frames }) => frames.length)).toEqual(told);
  const query = '{ sharingExceptions { edges { node { friend { id } enabled precision until } } } }';
  expect(await ask(here, bob.token, query)).toEqual({
    sharingExceptions: { edges: [{ node: { friend: { id: ann.id }, ...hidden } }] },
  });

  expect(await clear(here, bob, ann)).toBe(true);
  await shows(ofAnn, bob, true);
  expect(await clear(here, bob, ann)).toBe(false);
  expect(ofCid.flatMap(({ frames }) => frames.flatMap(({ left }) => left))).toHaveLength(2);
});

it('a friend with an exception sees the user through a pause', async () => {
  const { ann, bob, ofAnn, ofCid } = await nearBoth();
  await exempt(there, bob, ann, '');
  await act(here, bob, 'updateSharing(input: { enabled: false }) { enabled }');
  await shows(ofCid, bob, false);
  await move(there, bob, travel(HERE, 80, 500));
  const near = ({ entries }: NearbyList) => Math.round(entries.get(bob.id)?.distanceMeters ?? 0) === 500;
  await Promise.all(ofAnn.map((list) => list.until(near, SOON_MS)));
  expect(await found(ann)).toEqual([[bob.id], [bob.id]]);
  await clear(here, bob, ann);
  await shows(ofAnn, bob, false);
});

it('a timed exception turns over by itself, in lists and in queries', async () => {
  const { ann, bob, ofAnn, ofCid } = await nearBoth();
  const untilMs = Date.now() + 1_500;
  await exempt(there, bob, ann, `, enabled: false, until: "${new Date(untilMs).toISOString()}"`);
  await shows(ofAnn, bob, false);
  await shows(ofAnn, bob, true, untilMs + SOON_MS - Date.now());
  expect(Date.now()).toBeGreaterThanOrEqual(untilMs);
  expect(await found(ann)).toEqual([[bob.id], [bob.id]]);
  expect(await ask(here, bob.token, '{ sharingExceptions { edges { cursor } } }')).toEqual({
    sharingExceptions: { edges: [] },
  });
  expect(ofCid.flatMap(({ frames }) => frames.flatMap(({ left }) => left))).toEqual([]);
});

it('an exception ends with the friendship', async () => {
  const { ann, bob, ofAnn } = await nearBoth();
  await exempt(here, bob, ann, ', enabled: false');
  await shows(ofAnn, bob, false);
  await act(there, ann, `removeFriend(userId: "${bob.id}")`);
  await befriend(there, ann, bob);
  await shows(ofAnn, bob, true);
});

it('nobody makes an exception for who is no friend, or until a time that is over', async () => {
  const [ann, bob] = await signUpFriends(here);
  const stranger = await signUp(there);
  const set = (friendId: string, more = '') =>
    codesOf(
      there,
      ann.token,
      `mutation { setSharingException(input: { friendId: "${friendId}"${more} }) { enabled } }`,
    );
  expect(await set(stranger.id)).toEqual(['NOT_FOUND']);
  expect(await set(ann.id)).toEqual(['NOT_FOUND']);
  expect(await set('nobody')).toEqual(['BAD_USER_INPUT']);
  expect(await set(bob.id, ', until: "2020-01-01T00:00:00.000Z"')).toEqual(['BAD_USER_INPUT']);
  expect(await set(bob.id)).toEqual([]);
});
