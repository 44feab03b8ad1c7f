import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Viewer } from '../../../src/domain/user.js';
import { kindsOf, startAccountServices, type AccountServices } from '../../support/account-services.js';

let services: AccountServices;
let ann: Viewer;
let bob: Viewer;
let round = 0;

beforeAll(async () => {
  services = await startAccountServices();
});
afterAll(() => services.stop());
beforeEach(async () => {
  round += 1;
  [ann, bob] = await services.people(`ann${round}`, `bob${round}`);
});

test('fifty accepts at once make one friendship, and all succeed', async () => {
  const { id } = await services.friends.sendRequest(ann, bob.userId);
  const outcomes = await Promise.allSettled(times(50, () => services.friends.accept(bob, id)));
  expect(new Set(kindsOf(outcomes))).toEqual(new Set(['ok']));
  expect(await friendshipRows()).toBe(2);
  const relations = services.published.filter(
    ({ userId, notification }) => userId === ann.userId && notification.kind === 'relation',
  );
  expect(relations).toHaveLength(1);
});

test('crossing requests make one friendship and one request', async () => {
  for (let i = 0; i < 10; i += 1) {
    const [a, b] = await services.people(`a${round}_${i}`, `b${round}_${i}`);
    const outcomes = await Promise.allSettled([
      services.friends.sendRequest(a, b.userId),
      services.friends.sendRequest(b, a.userId),
    ]);
    expect(kindsOf(outcomes)).toEqual(['ok', 'ok']);
    expect(await friendshipRows(a, b)).toBe(2);
    expect(await requestStatuses(a, b)).toEqual(['ACCEPTED']);
  }
});

test('a circle of friends who all delete their accounts at once are all gone', async () => {
  for (let i = 0; i < 5; i += 1) {
    const circle = await services.people(...Array.from({ length: 8 }, (_, nth) => `c${round}_${i}_${nth}`));
    for (const [nth, one] of circle.entries()) {
      for (const other of circle.slice(nth + 1)) {
        const { id } = await services.friends.sendRequest(one, other.userId);
        await services.friends.accept(other, id);
      }
    }
    const outcomes = await Promise.allSettled(circle.map((one) => services.accounts.deleteAccount(one)));
    expect(new Set(kindsOf(outcomes))).toEqual(new Set(['ok']));
  }
});

test('the same request sent many times at once is one request', async () => {
  const requests = await Promise.all(times(20, () => services.friends.sendRequest(ann, bob.userId)));
  expect(new Set(requests.map(({ id }) => id)).size).toBe(1);
  expect(await requestStatuses()).toEqual(['PENDING']);
});

test('accept against block: a friendship never stands beside a block', async () => {
  for (let i = 0; i < 20; i += 1) {
    const [a, b] = await services.people(`a${round}_${i}`, `b${round}_${i}`);
    const { id } = await services.friends.sendRequest(a, b.userId);
    const acts = [() => services.friends.accept(b, id), () => services.friends.block(a, b.userId)];
    if (i % 2 === 1) acts.reverse();
    const kinds = kindsOf(await Promise.allSettled(acts.map((act) => act())));
    expect(kinds.filter((kind) => kind !== 'ok' && kind !== 'not-found')).toEqual([]);
    expect(await friendshipRows(a, b)).toBe(0);
    expect(await services.friends.blockedPage(a, { first: 5 })).toMatchObject({ totalCount: 1 });
    expect(await requestStatuses(a, b)).not.toContain('PENDING');
  }
});

test('accept against cancel: one of them wins', async () => {
  for (let i = 0; i < 20; i += 1) {
    const [a, b] = await services.people(`a${round}_${i}`, `b${round}_${i}`);
    const { id } = await services.friends.sendRequest(a, b.userId);
    const acts = [() => services.friends.accept(b, id), () => services.friends.cancel(a, id)];
    const kinds = kindsOf(await Promise.allSettled(i % 2 === 0 ? acts.map((act) => act()) : reversed(acts)));
    expect(kinds.toSorted()).toEqual(['conflict', 'ok']);
    const [status] = await requestStatuses(a, b);
    expect(await friendshipRows(a, b)).toBe(status === 'ACCEPTED' ? 2 : 0);
  }
});

test('remove against accept leaves a whole friendship or none', async () => {
  for (let i = 0; i < 20; i += 1) {
    const [a, b] = await services.people(`a${round}_${i}`, `b${round}_${i}`);
    const { id } = await services.friends.sendRequest(a, b.userId);
    const [removed, accepted] = await Promise.all([
      services.friends.remove(a, b.userId),
      services.friends.accept(b, id),
    ]);
    expect(accepted.status).toBe('ACCEPTED');
    expect(await friendshipRows(a, b)).toBe(removed ? 0 : 2);
  }
});

test('two who block each other at once: one block stands, the other side sees nobody', async () => {
  const outcomes = await Promise.allSettled([
    services.friends.block(ann, bob.userId),
    services.friends.block(bob, ann.userId),
  ]);
  expect(kindsOf(outcomes).toSorted()).toEqual(['not-found', 'ok']);
});

test('everybody with everybody at once, in every order: no deadlock, no half friendship', async () => {
  const people = await services.people('one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight');
  const acts = people.flatMap((from) =>
    people
      .filter((to) => to !== from)
      .flatMap((to, i) => [
        () => services.friends.sendRequest(from, to.userId),
        () =>
          i % 3 === 0
            ? services.friends.remove(from, to.userId)
            : services.friends.sendRequest(from, to.userId),
        () => (i % 5 === 0 ? services.friends.block(from, to.userId) : services.friends.sharing(from)),
        () => services.friends.updateSharing(from, { enabled: true, untilMs: null }),
      ]),
  );
  const kinds = new Set(kindsOf(await Promise.allSettled(shuffled(acts).map((act) => act()))));
  for (const kind of kinds) expect(['ok', 'not-found', 'conflict']).toContain(kind);
  expect(await halfFriendships()).toEqual([]);
  expect(await blockedFriendships()).toEqual([]);
});

test('accepting while the sender deletes the account leaves nothing behind', async () => {
  for (let i = 0; i < 10; i += 1) {
    const [a, b] = await services.people(`a${round}_${i}`, `b${round}_${i}`);
    const { id } = await services.friends.sendRequest(a, b.userId);
    const kinds = kindsOf(
      await Promise.allSettled([services.accounts.deleteAccount(a), services.friends.accept(b, id)]),
    );
    expect(kinds[0]).toBe('ok');
    expect(['ok', 'not-found']).toContain(kinds[1]);
    expect(await friendshipRows(a, b)).toBe(0);
  }
});

async function friendshipRows(a = ann, b = bob): Promise<number> {
  const rows = await services.rows(
    'SELECT FROM friendships WHERE (user_id, friend_id) IN (($1, $2), ($2, $1))',
    [a.userId, b.userId],
  );
  return rows.length;
}

async function requestStatuses(a = ann, b = bob): Promise<string[]> {
  const rows = await services.rows<{ status: string }>(
    'SELECT status FROM friend_requests WHERE (from_id, to_id) IN (($1, $2), ($2, $1)) ORDER BY created_at',
    [a.userId, b.userId],
  );
  return rows.map(({ status }) => status);
}

function halfFriendships() {
  return services.rows(
    `SELECT user_id, friend_id FROM friendships one WHERE NOT EXISTS (
       SELECT FROM friendships other WHERE other.user_id = one.friend_id AND other.friend_id = one.user_id)`,
  );
}

function blockedFriendships() {
  return services.rows(
    `SELECT blocker_id FROM blocks JOIN friendships ON (user_id, friend_id) IN
       ((blocker_id, blocked_id), (blocked_id, blocker_id))`,
  );
}

function times<T>(count: number, act: () => Promise<T>): Promise<T>[] {
  return Array.from({ length: count }, act);
}

function reversed<T>(acts: (() => Promise<T>)[]): Promise<T>[] {
  return acts
    .toReversed()
    .map((act) => act())
    .toReversed();
}

/** In an order that is the same in every run. */
function shuffled<T>(items: readonly T[]): T[] {
  let seed = 1;
  const keyed = items.map((item) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return { item, seed };
  });
  return keyed.sort((a, b) => a.seed - b.seed).map(({ item }) => item);
}
