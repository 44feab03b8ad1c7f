import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MAX_FRIENDS } from '../../../src/domain/friendship.js';
import type { Viewer } from '../../../src/domain/user.js';
import type { Friends } from '../../../src/services/friends.js';
import { ADDRESS, startAccountServices, type AccountServices } from '../../support/account-services.js';

let services: AccountServices;
let friends: Friends;
let ann: Viewer;
let bob: Viewer;
let eve: Viewer;
let round = 0;

beforeAll(async () => {
  services = await startAccountServices();
  friends = services.friends;
});
afterAll(() => services.stop());
beforeEach(async () => {
  round += 1;
  services.published.length = 0;
  [ann, bob, eve] = await services.people(`ann${round}`, `bob${round}`, `eve${round}`);
});

const invalid = { kind: 'invalid' };
const notFound = { kind: 'not-found', message: 'There is no such user.' };
const noRequest = { kind: 'not-found', message: 'There is no such friend request.' };

describe('requests', () => {
  test('sent, seen by both, accepted: friends on both sides', async () => {
    const sent = await friends.sendRequest(ann, bob.userId.toUpperCase());
    expect(sent).toEqual({
      id: sent.id,
      from: { id: ann.userId, handle: `ann${round}`, displayName: `ann${round}` },
      to: { id: bob.userId, handle: `bob${round}`, displayName: `bob${round}` },
      status: 'PENDING',
      createdAtMs: services.clock.nowMs,
    });
    expect(nodes(await friends.requestsPage(ann, 'OUTGOING', { first: 5 }))).toEqual([sent]);
    expect(nodes(await friends.requestsPage(bob, 'INCOMING', { first: 5 }))).toEqual([sent]);
    expect(nodes(await friends.requestsPage(bob, 'OUTGOING', { first: 5 }))).toEqual([]);

    const accepted = await friends.accept(bob, sent.id);
    expect(accepted).toEqual({ ...sent, status: 'ACCEPTED' });
    for (const [viewer, friend] of [
      [ann, sent.to],
      [bob, sent.from],
    ] as const) {
      const page = await friends.friendsPage(viewer, { first: 5 });
      expect(nodes(page)).toEqual([friend]);
      expect(page.totalCount).toBe(1);
    }
    expect(nodes(await friends.requestsPage(bob, 'INCOMING', { first: 5 }))).toEqual([]);
    expect(await friends.accept(bob, sent.id)).toEqual(accepted);
  });

  test('to oneself, to nobody, with an ill-formed id, to a friend', async () => {
    await expect(friends.sendRequest(ann, ann.userId)).rejects.toMatchObject(invalid);
    await expect(friends.sendRequest(ann, randomUUID())).rejects.toMatchObject(notFound);
    for (const id of ['', '7', 'x'.repeat(36), `${bob.userId}0`, '\0', `{${bob.userId}}`, '\ud800']) {
      await expect(friends.sendRequest(ann, id)).rejects.toMatchObject(invalid);
    }
    await services.befriend(ann, bob);
    await expect(friends.sendRequest(ann, bob.userId)).rejects.toMatchObject({ kind: 'conflict' });
    expect(await services.rows('SELECT FROM friend_requests WHERE from_id = $1', [ann.userId])).toHaveLength(
      1,
    );
  });

  test('the one that waits is returned again; one that waits from the other side is accepted', async () => {
    const sent = await friends.sendRequest(ann, bob.userId);
    services.clock.nowMs += 5_000;
    expect(await friends.sendRequest(ann, bob.userId)).toEqual(sent);
    expect(await friends.sendRequest(bob, ann.userId)).toEqual({ ...sent, status: 'ACCEPTED' });
  });

  test('answered by the wrong side, a stranger, twice', async () => {
    const { id } = await friends.sendRequest(ann, bob.userId);
    for (const act of [friends.accept, friends.decline]) {
      await expect(act(ann, id)).rejects.toMatchObject({ kind: 'forbidden' });
    }
    await expect(friends.cancel(bob, id)).rejects.toMatchObject({ kind: 'forbidden' });
    for (const act of [friends.accept, friends.decline, friends.cancel]) {
      await expect(act(eve, id)).rejects.toMatchObject(noRequest);
      await expect(act(bob, randomUUID())).rejects.toMatchObject(noRequest);
      await expect(act(bob, 'no id')).rejects.toMatchObject(invalid);
    }
    expect((await friends.decline(bob, id)).status).toBe('DECLINED');
    for (const act of [
      () => friends.decline(bob, id),
      () => friends.accept(bob, id),
      () => friends.cancel(ann, id),
    ]) {
      await expect(act()).rejects.toMatchObject({ kind: 'conflict' });
    }
    // A new one may be sent, cancelled, and sent again.
    const second = await friends.sendRequest(ann, bob.userId);
    expect(second.id).not.toBe(id);
    expect((await friends.cancel(ann, second.id)).status).toBe('CANCELLED');
    expect((await friends.sendRequest(ann, bob.userId)).status).toBe('PENDING');
  });

  test('accepted, then ended: the old request cannot be accepted again', async () => {
    const { id } = await friends.sendRequest(ann, bob.userId);
    await friends.accept(bob, id);
    expect(await friends.remove(bob, ann.userId)).toBe(true);
    await expect(friends.accept(bob, id)).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('neither side may have more friends than the limit', async () => {
    await services.rows(
      `WITH made AS (
         INSERT INTO users (id, handle, display_name)
         SELECT gen_random_uuid(), 'full' || $3 || '_' || i, 'x' FROM generate_series(1, $2) i RETURNING id
       )
       INSERT INTO friendships (user_id, friend_id)
       SELECT $1::uuid, id FROM made UNION ALL SELECT id, $1::uuid FROM made`,
      [ann.userId, MAX_FRIENDS - 1, String(round)],
    );
    const fromBob = await friends.sendRequest(bob, ann.userId);
    await friends.sendRequest(eve, ann.userId);
    await friends.accept(ann, fromBob.id);
    expect((await friends.friendsPage(ann, { first: 0 })).totalCount).toBe(MAX_FRIENDS);
    const [zoe] = await services.people(`zoe${round}`);
    for (const act of [
      () => friends.sendRequest(ann, eve.userId),
      () => friends.sendRequest(ann, zoe.userId),
      () => friends.sendRequest(zoe, ann.userId),
    ]) {
      await expect(act()).rejects.toMatchObject({ kind: 'conflict' });
    }
    expect((await friends.friendsPage(eve, { first: 0 })).totalCount).toBe(0);
  });
});

describe('removing', () => {
  test('ends the friendship for both, once', async () => {
    await services.befriend(ann, bob);
    expect(await friends.remove(bob, ann.userId)).toBe(true);
    expect(await friends.remove(bob, ann.userId)).toBe(false);
    expect(await friends.remove(ann, bob.userId)).toBe(false);
    expect((await friends.friendsPage(ann, { first: 5 })).totalCount).toBe(0);
    await expect(friends.remove(ann, randomUUID())).rejects.toMatchObject(notFound);
    await expect(friends.remove(ann, ann.userId)).rejects.toMatchObject(invalid);
    await expect(friends.remove(ann, 'x')).rejects.toMatchObject(invalid);
  });
});

describe('blocking', () => {
  test('ends the friendship, and neither finds the other', async () => {
    await services.befriend(ann, bob);
    expect(await friends.block(ann, bob.userId)).toBe(true);
    expect(await friends.block(ann, bob.userId)).toBe(true);
    expect((await friends.friendsPage(bob, { first: 5 })).totalCount).toBe(0);
    expect(await friends.findByHandle(ann, `bob${round}`, ADDRESS)).toBeNull();
    expect(await friends.findByHandle(bob, `ann${round}`, ADDRESS)).toBeNull();
    expect(nodes(await friends.blockedPage(ann, { first: 5 }))).toMatchObject([{ id: bob.userId }]);
    expect((await friends.blockedPage(bob, { first: 5 })).totalCount).toBe(0);
    await expect(friends.sendRequest(ann, bob.userId)).rejects.toMatchObject(notFound);
  });

  test('one who blocked me looks like nobody in every answer', async () => {
    const waiting = await friends.sendRequest(bob, ann.userId);
    const other = await friends.sendRequest(eve, bob.userId);
    await friends.block(ann, bob.userId);
    const nobody = randomUUID();
    for (const act of [friends.sendRequest, friends.remove, friends.block]) {
      const seen = await act(bob, ann.userId).catch((error: unknown) => error);
      expect(seen).toEqual(await act(bob, nobody).catch((error: unknown) => error));
      expect(seen).toMatchObject(notFound);
    }
    expect(await friends.unblock(bob, ann.userId)).toBe(await friends.unblock(bob, nobody));
    for (const act of [friends.accept, friends.decline, friends.cancel]) {
      await expect(act(bob, waiting.id)).rejects.toMatchObject(noRequest);
    }
    expect((await friends.decline(bob, other.id)).status).toBe('DECLINED');
  });

  test('closes the requests between the two, as either side would have', async () => {
    const [zoe] = await services.people(`zoe${round}`);
    const mine = await friends.sendRequest(ann, bob.userId);
    const theirs = await friends.sendRequest(eve, ann.userId);
    const unrelated = await friends.sendRequest(zoe, ann.userId);
    services.published.length = 0;
    await friends.block(ann, bob.userId);
    await friends.block(ann, eve.userId);
    expect(requestNotices()).toEqual([
      [ann.userId, { ...mine, status: 'CANCELLED' }],
      [bob.userId, { ...mine, status: 'CANCELLED' }],
      [ann.userId, { ...theirs, status: 'DECLINED' }],
      [eve.userId, { ...theirs, status: 'DECLINED' }],
    ]);
    expect(nodes(await friends.requestsPage(ann, 'INCOMING', { first: 5 }))).toEqual([unrelated]);
    expect(nodes(await friends.requestsPage(ann, 'OUTGOING', { first: 5 }))).toEqual([]);
  });

  test('lifted, both find each other again but are no friends', async () => {
    await services.befriend(ann, bob);
    await friends.block(ann, bob.userId);
    expect(await friends.unblock(ann, bob.userId)).toBe(true);
    expect(await friends.unblock(ann, bob.userId)).toBe(false);
    expect(await friends.findByHandle(bob, `ann${round}`, ADDRESS)).toMatchObject({ id: ann.userId });
    expect((await friends.friendsPage(ann, { first: 5 })).totalCount).toBe(0);
    expect((await friends.sendRequest(bob, ann.userId)).status).toBe('PENDING');
  });

  test('oneself, nobody, ill-formed ids', async () => {
    await expect(friends.block(ann, ann.userId)).rejects.toMatchObject(invalid);
    await expect(friends.block(ann, randomUUID())).rejects.toMatchObject(notFound);
    await expect(friends.block(ann, 'x')).rejects.toMatchObject(invalid);
    await expect(friends.unblock(ann, 'x')).rejects.toMatchObject(invalid);
    expect(await friends.unblock(ann, ann.userId)).toBe(false);
  });
});

describe('finding', () => {
  test('by handle in either case; oneself too; nobody is null; ill-formed is refused', async () => {
    expect(await friends.findByHandle(ann, `BOB${round}`, ADDRESS)).toMatchObject({ id: bob.userId });
    expect(await friends.findByHandle(ann, `ann${round}`, ADDRESS)).toMatchObject({ id: ann.userId });
    expect(await friends.findByHandle(ann, 'nobody', ADDRESS)).toBeNull();
    for (const handle of ['', 'ab', 'x'.repeat(31), ' bob', 'b%b', 'b\0b', 'böb', '\ud800\ud800\ud800']) {
      await expect(friends.findByHandle(ann, handle, ADDRESS)).rejects.toMatchObject(invalid);
    }
  });
});

describe('pages', () => {
  test('of friends go by handle, and stay in place when friends come and go', async () => {
    const names = ['d_d', 'b.b', 'a_a', 'c_c', 'e_e', '0zz'].map((name) => `${name}${round}`);
    const people = await services.people(...names);
    for (const person of people) await services.befriend(ann, person);
    const first = await friends.friendsPage(ann, { first: 2 });
    expect(handles(first)).toEqual([`0zz${round}`, `a_a${round}`]);
    expect(first).toMatchObject({ hasNextPage: true, hasPreviousPage: false, totalCount: 6 });

    // One before the cursor leaves, the one at the cursor too, another comes before it.
    await friends.remove(ann, people[5]?.userId ?? '');
    await friends.remove(ann, people[2]?.userId ?? '');
    await services.befriend(ann, (await services.people(`00z${round}`))[0]);
    const second = await friends.friendsPage(ann, { first: 2, after: first.items.at(-1)?.cursor });
    expect(handles(second)).toEqual([`b.b${round}`, `c_c${round}`]);
    expect(second).toMatchObject({ hasNextPage: true, hasPreviousPage: true, totalCount: 5 });
    const third = await friends.friendsPage(ann, { first: 2, after: second.items.at(-1)?.cursor });
    expect(handles(third)).toEqual([`d_d${round}`, `e_e${round}`]);
    expect(third.hasNextPage).toBe(false);
  });

  test('of requests and blocks go newest first, equal times by id, without gaps or repeats', async () => {
    const people = await services.people(...Array.from({ length: 9 }, (_, i) => `p${i}_${round}`));
    for (const [i, person] of people.entries()) {
      if (i % 3 === 0) services.clock.nowMs += 1;
      await friends.sendRequest(person, ann.userId);
      await friends.block(bob, person.userId);
    }
    await services.rows(
      `UPDATE blocks SET created_at = date_trunc('minute', created_at) WHERE blocker_id = $1`,
      [bob.userId],
    );
    const requests = await readAll((page) => friends.requestsPage(ann, 'INCOMING', page));
    expect(requests).toEqual(
      requests.toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1)),
    );
    expect(new Set(requests.map(({ from }) => from.id))).toEqual(new Set(people.map(({ userId }) => userId)));
    const blocked = await readAll((page) => friends.blockedPage(bob, page));
    expect(blocked.map(({ id }) => id)).toEqual(
      people
        .map(({ userId }) => userId)
        .toSorted()
        .toReversed(),
    );
  });

  test('refuse a size or a cursor that cannot be', async () => {
    for (const first of [-1, 1.5, 1_001, 99_999_999, NaN]) {
      for (const read of readers()) await expect(read({ first })).rejects.toMatchObject(invalid);
    }
    const forged = [
      '', '=', '!!!!', 'a', Buffer.from('A').toString('base64url'), Buffer.from("x' OR 1").toString('base64url'),
      Buffer.from(`99999999999999999999 ${ann.userId}`).toString('base64url'),
      Buffer.from(`1 ${'-'.repeat(36)}`).toString('base64url'), Buffer.from('abc\0').toString('base64url'), '\ud800',
    ]; // prettier-ignore
    for (const after of forged) {
      for (const read of readers()) await expect(read({ first: 1, after })).rejects.toMatchObject(invalid);
    }
    for (const read of readers()) expect(await read({ first: 0 })).toMatchObject({ items: [] });
  });

  const readers = () => [
    (page: { first: number; after?: string }) => friends.friendsPage(ann, page),
    (page: { first: number; after?: string }) => friends.requestsPage(ann, 'INCOMING', page),
    (page: { first: number; after?: string }) => friends.blockedPage(ann, page),
  ];
});

describe('sharing', () => {
  const SHARED = { enabled: true, untilMs: null, maxRadiusMeters: null, precision: 'EXACT' };

  test('is on at first, and turns over by itself', async () => {
    const { nowMs } = services.clock;
    expect(await friends.sharing(ann)).toEqual(SHARED);
    expect(await friends.updateSharing(ann, { enabled: false, untilMs: nowMs + 500 })).toEqual({
      ...SHARED,
      enabled: false,
      untilMs: nowMs + 500,
    });
    services.clock.nowMs += 499;
    expect(await friends.sharing(ann)).toEqual({ ...SHARED, enabled: false, untilMs: nowMs + 500 });
    services.clock.nowMs += 1;
    expect(await friends.sharing(ann)).toEqual(SHARED);
  });

  test('cannot be set until a time that is not in the future', async () => {
    const { nowMs } = services.clock;
    for (const untilMs of [nowMs, nowMs - 1, 0, NaN]) {
      await expect(friends.updateSharing(ann, { enabled: false, untilMs })).rejects.toMatchObject(invalid);
    }
    expect(await friends.sharing(ann)).toEqual(SHARED);
  });
});

describe('exceptions from sharing', () => {
  const HIDDEN = { enabled: false, precision: 'EXACT', untilMs: null } as const;
  const ALL = { first: 10 };

  test('are read as they were set last, ordered by handle, page by page', async () => {
    for (const friend of [bob, eve]) await services.befriend(ann, friend);
    const { nowMs } = services.clock;
    const timed = { enabled: true, precision: 'APPROXIMATE', untilMs: nowMs + 500 } as const;
    expect(nodes(await friends.exceptionsPage(ann, ALL))).toEqual([]);
    await friends.setException(ann, eve.userId, HIDDEN);
    await friends.setException(ann, bob.userId, HIDDEN);
    expect(await friends.setException(ann, bob.userId, timed)).toMatchObject({
      friend: { id: bob.userId },
      ...timed,
    });
    const read = (page: { first: number; after?: string }) => friends.exceptionsPage(ann, page);
    const all = await readAll((page) => read({ ...page, first: 1 }));
    expect(all.map(({ friend: { id }, ...exception }) => [id, exception])).toEqual([
      [bob.userId, timed],
      [eve.userId, HIDDEN],
    ]);
    expect(nodes(await friends.exceptionsPage(bob, ALL))).toEqual([]);
  });

  test('end by themselves, when they are cleared, and with the friendship', async () => {
    for (const friend of [bob, eve]) await services.befriend(ann, friend);
    await friends.setException(ann, bob.userId, { ...HIDDEN, untilMs: services.clock.nowMs + 500 });
    services.clock.nowMs += 500;
    expect(nodes(await friends.exceptionsPage(ann, ALL))).toEqual([]);
    expect(await friends.clearException(ann, bob.userId)).toBe(false);

    await friends.setException(ann, bob.userId, HIDDEN);
    expect(await friends.clearException(ann, bob.userId)).toBe(true);
    expect(await friends.clearException(ann, bob.userId)).toBe(false);

    await friends.setException(ann, eve.userId, HIDDEN);
    await friends.remove(eve, ann.userId);
    await services.befriend(ann, eve);
    expect(nodes(await friends.exceptionsPage(ann, ALL))).toEqual([]);
  });

  test('are not made for who is no friend, nor until a time that is not in the future', async () => {
    await services.befriend(ann, bob);
    for (const stranger of [eve.userId, ann.userId, randomUUID()]) {
      const setting = friends.setException(ann, stranger, HIDDEN);
      await expect(setting).rejects.toMatchObject({ kind: 'not-found' });
      expect(await friends.clearException(ann, stranger)).toBe(false);
    }
    for (const untilMs of [services.clock.nowMs, 0, NaN]) {
      const setting = friends.setException(ann, bob.userId, { ...HIDDEN, untilMs });
      await expect(setting).rejects.toMatchObject(invalid);
    }
    expect(nodes(await friends.exceptionsPage(ann, ALL))).toEqual([]);
  });

  test('are told to the friend whom they are for, and to nobody else', async () => {
    for (const friend of [bob, eve]) await services.befriend(ann, friend);
    services.published.length = 0;
    await friends.setException(ann, bob.userId, HIDDEN);
    await friends.clearException(ann, eve.userId);
    expect(relationNotices()).toEqual([`${bob.userId} ${ann.userId}`]);
    await friends.clearException(ann, bob.userId);
    expect(relationNotices()).toHaveLength(2);
  });
});

describe('notifications', () => {
  test('tell both sides of requests and of what they are to each other', async () => {
    const sent = await friends.sendRequest(ann, bob.userId);
    expect(requestNotices()).toEqual([
      [ann.userId, sent],
      [bob.userId, sent],
    ]);
    expect(relationNotices()).toEqual([]);
    await friends.accept(bob, sent.id);
    expect(relationNotices()).toEqual(bothOf(ann, bob));
    services.published.length = 0;
    await friends.accept(bob, sent.id);
    expect(services.published).toEqual([]);
    await friends.remove(ann, bob.userId);
    expect(relationNotices()).toEqual(bothOf(ann, bob));
    services.published.length = 0;
    await services.befriend(ann, bob);
    expect(relationNotices()).toEqual(bothOf(ann, bob));
    services.published.length = 0;
    await friends.block(ann, bob.userId);
    expect(services.published).toHaveLength(2);
    expect(relationNotices()).toEqual(bothOf(ann, bob));
  });

  test('of sharing go to every friend, and to nobody else', async () => {
    await services.befriend(ann, bob);
    await services.befriend(eve, bob);
    services.published.length = 0;
    await friends.updateSharing(bob, { enabled: false, untilMs: null });
    expect(relationNotices()).toEqual(
      [`${ann.userId} ${bob.userId}`, `${eve.userId} ${bob.userId}`].toSorted(),
    );
  });

  test('leave nothing in the outbox once they are published', async () => {
    await services.befriend(ann, bob);
    expect(await services.rows('SELECT FROM outbox_notices')).toEqual([]);
  });

  test('are not written for what is refused', async () => {
    await friends.sendRequest(ann, ann.userId).catch(() => {});
    await friends.sendRequest(ann, randomUUID()).catch(() => {});
    expect(services.published).toEqual([]);
    expect(await services.rows('SELECT FROM outbox_notices')).toEqual([]);
  });
});

test('whose account is gone is not signed in any more', async () => {
  await services.accounts.deleteAccount(ann);
  for (const act of [
    () => friends.sendRequest(ann, bob.userId),
    () => friends.sharing(ann),
    () => friends.updateSharing(ann, { enabled: true, untilMs: null }),
  ]) {
    await expect(act()).rejects.toMatchObject({ kind: 'unauthenticated' });
  }
});

function nodes<T>({ items }: { items: readonly { node: T }[] }): T[] {
  return items.map(({ node }) => node);
}

function handles(page: { items: readonly { node: { handle: string } }[] }): string[] {
  return nodes(page).map(({ handle }) => handle);
}

interface Slice<T> {
  readonly items: readonly { cursor: string; node: T }[];
  readonly hasNextPage: boolean;
}

async function readAll<T>(
  read: (page: { first: number; after?: string }) => Promise<Slice<T>>,
): Promise<T[]> {
  const all: T[] = [];
  let page = await read({ first: 2 });
  all.push(...nodes(page));
  while (page.hasNextPage) {
    page = await read({ first: 2, after: page.items.at(-1)?.cursor ?? '' });
    all.push(...nodes(page));
  }
  return all;
}

function requestNotices() {
  return services.published.flatMap(({ userId, notification }) =>
    notification.kind === 'request' ? [[userId, notification.request]] : [],
  );
}

function relationNotices(): string[] {
  return services.published
    .flatMap(({ userId, notification }) =>
      notification.kind === 'relation' ? [`${userId} ${notification.friendId}`] : [],
    )
    .toSorted();
}

function bothOf(a: Viewer, b: Viewer): string[] {
  return [`${a.userId} ${b.userId}`, `${b.userId} ${a.userId}`].toSorted();
}
