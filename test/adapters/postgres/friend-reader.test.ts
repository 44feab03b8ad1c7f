import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFriendReader, type FriendReader } from '../../../src/adapters/postgres/friend-reader.js';
import type { Viewer } from '../../../src/domain/user.js';
import { startAccountServices, type AccountServices } from '../../support/account-services.js';

let services: AccountServices;
let reader: FriendReader;
let ann: Viewer;
let bob: Viewer;
let eve: Viewer;

beforeAll(async () => {
  services = await startAccountServices();
  reader = createFriendReader(services.pool);
  [ann, bob, eve] = await services.people('ann', 'bob', 'eve');
  await services.befriend(ann, bob);
  await services.befriend(bob, eve);
});
afterAll(() => services.stop());

const shared = { enabled: true, untilMs: null, maxRadiusMeters: null, precision: 'EXACT' };

test('every viewer gets exactly the friends, with their sharing as stored', async () => {
  const untilMs = services.clock.nowMs + 12_345;
  await services.friends.updateSharing(eve, { enabled: false, untilMs });
  const nobody = randomUUID();
  const lists = await reader.loadFriends([ann.userId, bob.userId, nobody]);
  expect([...lists.keys()]).toEqual([ann.userId, bob.userId, nobody]);
  expect(lists.get(ann.userId)).toEqual([
    { card: { id: bob.userId, handle: 'bob', displayName: 'bob' }, sharing: shared, exception: null },
  ]);
  const ofBob = lists.get(bob.userId)?.toSorted((a, b) => (a.card.handle < b.card.handle ? -1 : 1));
  expect(ofBob).toEqual([
    { card: { id: ann.userId, handle: 'ann', displayName: 'ann' }, sharing: shared, exception: null },
    {
      card: { id: eve.userId, handle: 'eve', displayName: 'eve' },
      sharing: { ...shared, enabled: false, untilMs },
      exception: null,
    },
  ]);
  expect(lists.get(nobody)).toEqual([]);
  expect(await reader.loadFriends([])).toEqual(new Map());
});

test('every viewer gets the ids of exactly the friends', async () => {
  const [ofAnn, ofBob, ofNobody] = await reader.loadFriendIds([ann.userId, bob.userId, randomUUID()]);
  expect(ofAnn).toEqual({ all: [bob.userId], approximate: [] });
  expect(ofBob?.all.toSorted()).toEqual([ann.userId, eve.userId].toSorted());
  expect(ofNobody).toEqual({ all: [], approximate: [] });
  expect(await reader.loadFriendIds([])).toEqual([]);
});

test('a friend of two viewers is one object', async () => {
  const lists = await reader.loadFriends([ann.userId, eve.userId]);
  expect(lists.get(ann.userId)?.[0]).toBe(lists.get(eve.userId)?.[0]);
});

test('relations come in the order of the pairs; strangers are null', async () => {
  const pairs = [
    [ann, bob],
    [ann, eve],
    [eve, bob],
    [ann, bob],
    [bob, bob],
  ].map(([viewer, friend]) => ({ viewerId: viewer?.userId ?? '', friendId: friend?.userId ?? '' }));
  const relations = await reader.loadRelations(pairs);
  expect(relations.map((relation) => relation?.card.handle ?? null)).toEqual([
    'bob',
    null,
    'bob',
    'bob',
    null,
  ]);
  expect(await reader.loadRelations([])).toEqual([]);
});

test('three hundred viewers with a hundred friends each are read by index, and fast', async () => {
  await services.rows(
    `INSERT INTO users (id, handle, display_name)
     SELECT gen_random_uuid(), 'n' || lpad(i::text, 4, '0'), 'N' FROM generate_series(0, 299) i`,
  );
  await services.rows(
    `WITH person AS (SELECT id, row_number() OVER (ORDER BY handle) - 1 AS i FROM users WHERE handle ~ '^n')
     INSERT INTO friendships (user_id, friend_id)
     SELECT a.id, b.id FROM person a JOIN person b ON a.i <> b.i AND (b.i - a.i + 300) % 300 IN
       (SELECT j FROM generate_series(1, 50) j UNION SELECT 300 - j FROM generate_series(1, 50) j)`,
  );
  await services.rows('ANALYZE users, friendships');
  const viewers = await services.rows<{ id: string }>(`SELECT id FROM users WHERE handle ~ '^n'`);
  const start = performance.now();
  const lists = await reader.loadFriends(viewers.map(({ id }) => id));
  const elapsedMs = performance.now() - start;

  expect([...lists.values()].map((list) => list.length)).toEqual(viewers.map(() => 100));
  expect(elapsedMs).toBeLessThan(1_000);

  const plan = await services.rows<{ 'QUERY PLAN': string }>(
    `EXPLAIN SELECT user_id, string_agg(friend_id::text, '') FROM friendships
      WHERE user_id = ANY ($1::uuid[]) GROUP BY user_id`,
    [viewers.slice(0, 5).map(({ id }) => id)],
  );
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('friendships_pkey');
});

test('an exception is read with the pair it is for, and with no other', async () => {
  const untilMs = services.clock.nowMs + 54_321;
  const exception = { enabled: true, precision: 'APPROXIMATE', untilMs } as const;
  await services.friends.setException(bob, eve.userId, exception);
  const [ofAnn, ofEve, ofBob] = [ann, eve, bob].map(({ userId }) => userId) as [string, string, string];
  const lists = await reader.loadFriends([ofAnn, ofEve, ofBob]);
  expect(lists.get(ofEve)).toMatchObject([{ card: { id: ofBob }, exception }]);
  expect(lists.get(ofAnn)).toMatchObject([{ card: { id: ofBob }, exception: null }]);
  expect(lists.get(ofBob)).toMatchObject([{ exception: null }, { exception: null }]);
  const pairs = [ofAnn, ofEve].map((viewerId) => ({ viewerId, friendId: ofBob }));
  expect(await reader.loadRelations(pairs)).toMatchObject([{ exception: null }, { exception }]);

  await services.friends.setException(bob, eve.userId, { ...exception, untilMs: null });
  expect((await reader.loadFriends([ofEve])).get(ofEve)).toMatchObject([{ exception: { untilMs: null } }]);
  await services.friends.clearException(bob, eve.userId);
  expect((await reader.loadFriends([ofEve])).get(ofEve)).toMatchObject([{ exception: null }]);
});

test('every viewer gets the ids of friends whom they may be shown approximately, by sharing or by an exception', async () => {
  const approximate = async () =>
    (await reader.loadFriendIds([ann.userId, eve.userId])).map((ids) => ids.approximate);
  const share = (precision: 'EXACT' | 'APPROXIMATE') =>
    services.friends.updateSharing(bob, { enabled: true, untilMs: null, precision });
  await share('APPROXIMATE');
  expect(await approximate()).toEqual([[bob.userId], [bob.userId]]);
  await share('EXACT');
  expect(await approximate()).toEqual([[], []]);
  const exception = { enabled: true, precision: 'APPROXIMATE', untilMs: null } as const;
  await services.friends.setException(bob, ann.userId, exception);
  expect(await approximate()).toEqual([[bob.userId], []]);
});
