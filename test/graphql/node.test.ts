/** Users read again by their ids, as Relay does it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { act, ask, codesOf, connectForTest, move, signUp, signUpFriends } from '../support/api.js';
import { GENEROUS_LIMITS, startTestCluster, type TestCluster } from '../support/nodes.js';

const LOOKUPS = 3;

let cluster: TestCluster;
let url: string;
beforeAll(async () => {
  cluster = await startTestCluster(1, { limits: { ...GENEROUS_LIMITS, lookupsPerUser: LOOKUPS } });
  url = cluster.urls[0] as string;
});
afterAll(() => cluster.close());

const nodeOf = (id: string): string =>
  `{ node(id: "${id}") { __typename id ... on User { handle displayName } } }`;

test('shows oneself, friends and others, but nobody who blocked one', async () => {
  const [[ann, bob], cid] = [await signUpFriends(url), await signUp(url)];
  for (const { id, handle } of [ann, bob, cid]) {
    expect(await ask(url, ann.token, nodeOf(id))).toMatchObject({ node: { __typename: 'User', id, handle } });
  }
  for (const other of [bob, cid]) {
    await act(url, other, `blockUser(userId: "${ann.id}")`);
    expect(await ask(url, ann.token, nodeOf(other.id))).toEqual({ node: null });
  }
});

test('strangers are counted, friends are not', async () => {
  const [ann, bob] = await signUpFriends(url);
  const strangers = await Promise.all(Array.from({ length: LOOKUPS + 1 }, () => signUp(url)));
  const codes = await Promise.all(strangers.map(({ id }) => codesOf(url, ann.token, nodeOf(id))));
  expect(codes.flat()).toEqual(['RATE_LIMITED']);
  for (let nth = 0; nth <= LOOKUPS; nth++) expect(await codesOf(url, ann.token, nodeOf(bob.id))).toEqual([]);
});

test('a fragment on Node holds in a live list', async () => {
  const [ann, bob] = await signUpFriends(url);
  await move(url, ann, { latitude: 1, longitude: 1 });
  await move(url, bob, { latitude: 1, longitude: 1 });
  const list = connectForTest(url, ann.token).iterate({
    query: 'subscription { nearbyFriends { nearby { friend { ... on Node { id __typename } } } } }',
  });
  expect((await list.next()).value).toEqual({
    data: { nearbyFriends: { nearby: [{ friend: { id: bob.id, __typename: 'User' } }] } },
  });
});
