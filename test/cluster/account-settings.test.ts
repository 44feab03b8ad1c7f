/** What users change about their own account, and what friends and their own devices notice, over two servers. */
import { randomUUID } from 'node:crypto';
import type { Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import {
  act,
  ask,
  befriend,
  codesOf,
  connectForTest,
  move,
  request,
  requestOverSocket,
  signUp,
  signUpFriends,
  type TestUser,
} from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { ageUsedTokens } from '../support/query.js';
import { travel } from '../support/sphere.js';

/** How soon a change has to show, on whatever server it was made. */
const SOON_MS = 1_000;
const HERE = { latitude: 52.52, longitude: 13.4 };
const PASSWORD = 'correct horse battery';

const SIGN_IN = `mutation ($handle: String!, $password: String!) {
  signIn(input: { handle: $handle, password: $password }) { user { id } accessToken refreshToken }
}`;
const CHANGE = `mutation ($currentPassword: String!, $newPassword: String!) {
  changePassword(input: { currentPassword: $currentPassword, newPassword: $newPassword })
}`;
const RENAME = `mutation ($displayName: String) {
  updateProfile(input: { displayName: $displayName }) { id handle displayName }
}`;
const SESSIONS = `query ($first: Int! = 20, $after: String) {
  sessions(first: $first, after: $after) {
    edges { node { id createdAt lastUsedAt isCurrent } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const END = 'mutation ($id: ID!) { endSession(id: $id) }';
const REFRESH = 'mutation ($token: String!) { refreshToken(refreshToken: $token) { accessToken } }';

interface OwnSession {
  readonly id: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly isCurrent: boolean;
}

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster(2);
});

afterAll(() => cluster.close());

/** The URL of the first or second server. */
const server = (index: number): string => cluster.urls[index] as string;

/** Another session of the user. */
async function signIn(url: string, { handle, id }: TestUser, password = PASSWORD): Promise<TestUser> {
  const { signIn: payload } = await ask<{ signIn: { accessToken: string; refreshToken: string } }>(
    url,
    null,
    SIGN_IN,
    { handle, password },
  );
  return { id, handle, token: payload.accessToken, refreshToken: payload.refreshToken };
}

/** Resolves to the code with which the socket of a session closes, once the session is known there. */
async function closeOf(url: string, { token }: TestUser): Promise<{ readonly code: Promise<number> }> {
  const client: Client = connectForTest(url, token);
  const code = new Promise<number>((resolve) => {
    client.on('closed', (event) => {
      resolve((event as { code: number }).code);
    });
  });
  expect(await requestOverSocket(client, '{ me { id } }')).toHaveProperty('data.me');
  return { code };
}

const sessionsOf = async (url: string, { token }: TestUser): Promise<OwnSession[]> => {
  const { sessions } = await ask<{ sessions: { edges: { node: OwnSession }[] } }>(url, token, SESSIONS);
  return sessions.edges.map(({ node }) => node);
};

describe.each([0, 1])('a new name, given through server %i', (index) => {
  it('shows on the open lists of friends, wherever, and in what they read', async () => {
    const [ann, bob] = await signUpFriends(server(0));
    await Promise.all([move(server(0), ann, HERE), move(server(1), bob, travel(HERE, 80, 900))]);
    const lists = [follow(server(0), ann), follow(server(1), ann)];
    await Promise.all(lists.map((list) => list.until(({ entries }) => entries.has(bob.id))));
    const changed: unknown[] = [];
    connectForTest(server(1 - index), ann.token).subscribe<{ sharing: { friendsChanged: unknown } }>(
      { query: 'subscription { sharing { friendsChanged } }' },
      {
        next: ({ data }) => void changed.push(data?.sharing.friendsChanged),
        error: () => undefined,
        complete: () => undefined,
      },
    );
    await vi.waitFor(
      () => {
        expect(changed).toEqual([null]);
      },
      { timeout: 10_000 },
    );

    const name = { id: bob.id, handle: bob.handle, displayName: 'Robert  the Bruce' };
    const kept = { ...name, displayName: 'Robert the Bruce' };
    expect(await ask(server(index), bob.token, RENAME, name)).toEqual({ updateProfile: kept });
    await Promise.all(
      lists.map((list) =>
        list.until(({ entries }) => entries.get(bob.id)?.friend.displayName === kept.displayName, SOON_MS),
      ),
    );
    for (const { frames } of lists) expect(frames.at(-1)).toMatchObject({ snapshot: false, left: [] });
    await vi.waitFor(() => {
      expect(changed).toEqual([null, [bob.id]]);
    }, SOON_MS);
    expect(
      await ask(server(1 - index), ann.token, '{ friends { edges { node { id handle displayName } } } }'),
    ).toEqual({
      friends: { edges: [{ node: kept }] },
    });

    // Whoever has the name already tells nobody.
    const told = lists.map(({ frames }) => frames.length);
    for (const displayName of [kept.displayName, null, undefined]) {
      expect(await ask(server(index), bob.token, RENAME, { displayName })).toEqual({ updateProfile: kept });
    }
    await move(server(0), bob, travel(HERE, 80, 1_000));
    await Promise.all(lists.map((list, nth) => list.until(({ frames }) => frames.length > (told[nth] ?? 0))));
    expect(lists.map(({ frames }) => frames.length)).toEqual(told.map((frames) => frames + 1));
  });
});

test('a new name follows the rules of a first one', async () => {
  const ann = await signUp(server(0));
  for (const displayName of ['', 'evil\u202e', 'Tom\u200b', '\u3164', 'x'.repeat(101)]) {
    expect(await codesOf(server(1), ann.token, RENAME, { displayName })).toEqual(['BAD_USER_INPUT']);
  }
  expect(await codesOf(server(1), null, RENAME, { displayName: 'Ann' })).toEqual(['UNAUTHENTICATED']);
  expect(await ask(server(0), ann.token, '{ me { displayName } }')).toEqual({
    me: { displayName: 'Somebody' },
  });
});

test('who is hidden from a friend shows no more of a new name than that', async () => {
  const [ann, bob] = await signUpFriends(server(0));
  await Promise.all([ann, bob].map((user) => move(server(0), user, HERE)));
  await act(
    server(0),
    bob,
    `setSharingException(input: { friendId: "${ann.id}", enabled: false }) { enabled }`,
  );
  const list = follow(server(1), ann);
  await list.next();
  await ask(server(0), bob.token, RENAME, { displayName: 'Hidden' });
  // What was told before this friend comes before it.
  const marker = await signUp(server(0));
  await befriend(server(0), ann, marker);
  await move(server(0), marker, HERE);
  await list.until(({ entries }) => entries.has(marker.id));
  expect(list.frames.flatMap(({ nearby }) => nearby.map(({ friend }) => friend.id))).toEqual([marker.id]);
  expect(list.frames.flatMap(({ left }) => left)).toEqual([]);
});

describe.each([0, 1])('a new password, set through server %i', (index) => {
  it('ends all other sessions and their sockets; the caller’s goes on', async () => {
    const ann = await signUp(server(0));
    const others = [await signIn(server(0), ann), await signIn(server(1), ann)];
    const sockets = await Promise.all(others.map((other, nth) => closeOf(server(nth), other)));
    const own = connectForTest(server(1 - index), ann.token);
    expect(await requestOverSocket(own, '{ me { id } }')).toHaveProperty('data.me');
    const change = { currentPassword: PASSWORD, newPassword: 'staple staple' };

    expect(await ask(server(index), ann.token, CHANGE, change)).toEqual({ changePassword: true });
    expect(await Promise.all(sockets.map(({ code }) => code))).toEqual([4403, 4403]);
    for (const { token, refreshToken } of others) {
      expect(await codesOf(server(0), token, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
      expect(await codesOf(server(1), null, REFRESH, { token: refreshToken })).toEqual(['UNAUTHENTICATED']);
    }
    expect(await requestOverSocket(own, '{ me { id } }')).toEqual({ data: { me: { id: ann.id } } });
    await ask(server(0), null, REFRESH, { token: ann.refreshToken });
    expect(await codesOf(server(0), null, SIGN_IN, { handle: ann.handle, password: PASSWORD })).toEqual([
      'UNAUTHENTICATED',
    ]);

    // Sent again after a lost answer, it ends nothing more.
    const fresh = await signIn(server(1), ann, change.newPassword);
    expect(await ask(server(index), ann.token, CHANGE, change)).toEqual({ changePassword: true });
    expect(await codesOf(server(0), fresh.token, '{ me { id } }')).toEqual([]);
  });
});

test('a password is changed by who knows it, and guessed no faster than at the sign-in', async () => {
  const ann = await signUp(server(0));
  const other = await signIn(server(1), ann);
  const guess = { currentPassword: 'wrong password', newPassword: 'staple staple' };
  expect(await request(server(0), other.token, CHANGE, guess)).toMatchObject({
    errors: [{ message: 'The current password is wrong.', extensions: { code: 'FORBIDDEN' } }],
  });
  for (const currentPassword of ['', '\ud800', 'x'.repeat(100_000)]) {
    expect(await codesOf(server(0), other.token, CHANGE, { ...guess, currentPassword })).toEqual([
      'FORBIDDEN',
    ]);
  }
  for (const newPassword of ['', 'seven77', 'x'.repeat(257)]) {
    const change = { currentPassword: PASSWORD, newPassword };
    expect(await codesOf(server(0), other.token, CHANGE, change)).toEqual(['BAD_USER_INPUT']);
  }
  expect(await codesOf(server(0), null, CHANGE, guess)).toEqual(['UNAUTHENTICATED']);

  // 4 failures were above, of the 20 that sign-ins with the handle may have, too.
  const outcomes = [];
  for (let times = 0; times < 9; times++) {
    outcomes.push(await codesOf(server(times % 2), other.token, CHANGE, guess));
    outcomes.push(
      await codesOf(server(0), null, SIGN_IN, { handle: ann.handle, password: 'wrong password' }),
    );
  }
  expect(outcomes.slice(0, 16).flat()).toEqual(Array(8).fill(['FORBIDDEN', 'UNAUTHENTICATED']).flat());
  expect(outcomes.slice(16)).toEqual([['RATE_LIMITED'], ['RATE_LIMITED']]);
  const right = { currentPassword: PASSWORD, newPassword: 'staple staple' };
  expect(await codesOf(server(1), ann.token, CHANGE, right)).toEqual(['RATE_LIMITED']);
  expect(await codesOf(server(0), other.token, '{ me { id } }')).toEqual([]);
});

describe('sessions', () => {
  it('are listed newest first, in pages, with when they were used last', async () => {
    const ann = await signUp(server(0));
    const phone = await signIn(server(1), ann);
    const tablet = await signIn(server(0), ann);
    const before = await sessionsOf(server(1), phone);
    expect(before.map(({ isCurrent }) => isCurrent)).toEqual([false, true, false]);
    expect(before.every(({ createdAt, lastUsedAt }) => createdAt === lastUsedAt)).toBe(true);

    await ask(server(1), null, REFRESH, { token: tablet.refreshToken });
    await ageUsedTokens(cluster.database, -60);
    const [newest, ...older] = await sessionsOf(server(0), ann);
    expect(older).toEqual([
      { ...before[1], isCurrent: false },
      { ...before[2], isCurrent: true },
    ]);
    const usedAfterMs = Date.parse(newest?.lastUsedAt ?? '') - Date.parse(newest?.createdAt ?? '');
    expect(usedAfterMs).toBeGreaterThanOrEqual(60_000);
    expect(usedAfterMs).toBeLessThan(90_000);

    const paged: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const answer: { sessions: { edges: { node: OwnSession }[]; pageInfo: PageInfo } } = await ask(
        server(0),
        ann.token,
        SESSIONS,
        { first: 1, after },
      );
      const { edges, pageInfo } = answer.sessions;
      paged.push(...edges.map(({ node }) => node.id));
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(paged).toEqual(before.map(({ id }) => id));
    expect(await codesOf(server(0), ann.token, SESSIONS, { first: 1_001 })).toEqual(['BAD_USER_INPUT']);
    expect(await codesOf(server(0), ann.token, SESSIONS, { after: 'zzz' })).toEqual(['BAD_USER_INPUT']);
    expect(await codesOf(server(0), null, SESSIONS)).toEqual(['UNAUTHENTICATED']);
  });

  it('end one by one, on every server; the location stays', async () => {
    const [ann, bob] = await signUpFriends(server(0));
    const [lost, kept] = [await signIn(server(0), ann), await signIn(server(1), ann)];
    await Promise.all([move(server(0), lost, HERE), move(server(0), bob, HERE)]);
    const list = follow(server(1), bob);
    await list.until(({ entries }) => entries.has(ann.id));
    const socket = await closeOf(server(0), lost);
    const { id } = (await sessionsOf(server(0), lost)).find(({ isCurrent }) => isCurrent) ?? { id: '' };

    expect(await ask(server(1), bob.token, END, { id })).toEqual({ endSession: false });
    expect(await codesOf(server(1), lost.token, '{ me { id } }')).toEqual([]);
    expect(await ask(server(1), kept.token, END, { id })).toEqual({ endSession: true });
    expect(await socket.code).toBe(4403);
    expect(await codesOf(server(0), lost.token, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
    expect(await codesOf(server(0), null, REFRESH, { token: lost.refreshToken })).toEqual([
      'UNAUTHENTICATED',
    ]);
    expect(await ask(server(0), kept.token, END, { id })).toEqual({ endSession: false });
    expect(await ask(server(0), kept.token, END, { id: randomUUID() })).toEqual({ endSession: false });
    expect(await codesOf(server(0), kept.token, END, { id: 'mine' })).toEqual(['BAD_USER_INPUT']);
    expect(await sessionsOf(server(0), ann)).toHaveLength(2);
    expect(list.entries.has(ann.id)).toBe(true);

    // One's own ends as by signOut: with an answer, over the socket that it closes, and without the location.
    const own = connectForTest(server(0), kept.token);
    const mine = (await sessionsOf(server(0), kept)).find(({ isCurrent }) => isCurrent);
    expect(await requestOverSocket(own, END, { id: mine?.id })).toEqual({ data: { endSession: true } });
    await list.until(({ entries }) => !entries.has(ann.id), SOON_MS);
    expect(await codesOf(server(1), kept.token, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
    expect(await codesOf(server(1), ann.token, '{ me { id } }')).toEqual([]);
  });
});

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}
