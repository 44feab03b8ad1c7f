import { randomUUID } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask, befriend, codesOf, connect, request, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { ageUsedTokens } from '../support/query.js';

let cluster: TestCluster;
let here: string;
let there: string;
let ann: TestUser;
let bob: TestUser;
let round = 0;

beforeAll(async () => {
  cluster = await startTestCluster(2);
  [here = '', there = ''] = cluster.urls;
});
afterAll(() => cluster.close());
beforeEach(async () => {
  round += 1;
  [ann, bob] = await Promise.all([signUp(here, `ann_${round}`), signUp(there, `bob_${round}`)]);
});

const CARD = '{ id handle displayName }';
const REQUEST = `{ id status createdAt from ${CARD} to ${CARD} }`;

describe('accounts', () => {
  test('sign up, in, refresh, me and out; what one server issues the other takes', async () => {
    const handle = `Ada_${round}`;
    const made = await ask<{ signUp: Payload }>(
      here,
      null,
      `mutation ($input: SignUpInput!) { signUp(input: $input) ${PAYLOAD} }`,
      { input: { handle, displayName: 'Ada', password: 'correct horse' } },
    );
    expect(made.signUp.user).toEqual({
      id: made.signUp.user.id,
      handle: handle.toLowerCase(),
      displayName: 'Ada',
    });
    expect(made.signUp.accessTokenExpiresAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const input = { handle, password: 'correct horse' };
    const { signIn } = await ask<{ signIn: Payload }>(
      there,
      null,
      `mutation ($input: SignInInput!) { signIn(input: $input) ${PAYLOAD} }`,
      { input },
    );
    const { refreshToken } = await refresh(here, signIn.refreshToken);
    expect(await ask(there, refreshToken.accessToken, `{ me ${CARD} }`)).toEqual({ me: made.signUp.user });

    expect(await ask(there, refreshToken.accessToken, 'mutation { signOut }')).toEqual({ signOut: true });
    expect(await codesOf(there, refreshToken.accessToken, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
    expect(await codesOf(here, signIn.accessToken, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
    // Who has not received the answer asks again; what did not end the session does not count as done.
    expect(await ask(here, refreshToken.accessToken, 'mutation { signOut }')).toEqual({ signOut: false });
    expect(await codesOf(here, refreshToken.accessToken, 'mutation { deleteAccount }')).toEqual([
      'UNAUTHENTICATED',
    ]);
    expect(await ask(here, made.signUp.accessToken, `{ me ${CARD} }`)).toEqual({ me: made.signUp.user });
  });

  test('a refresh token that comes again is answered for 30 s, then it ends the session on every server', async () => {
    const { refreshToken: lost } = await refresh(here, ann.refreshToken);
    const { refreshToken: next } = await refresh(there, ann.refreshToken);
    expect(await ask(there, lost.accessToken, '{ me { id } }')).toEqual({ me: { id: ann.id } });
    await ageUsedTokens(cluster.database, 31);
    expect(await ask(there, next.accessToken, '{ me { id } }')).toEqual({ me: { id: ann.id } });
    const again = 'mutation ($token: String!) { refreshToken(refreshToken: $token) { accessToken } }';
    expect(await codesOf(here, null, again, { token: ann.refreshToken })).toEqual(['UNAUTHENTICATED']);
    expect(await codesOf(there, null, again, { token: next.refreshToken })).toEqual(['UNAUTHENTICATED']);
    expect(await codesOf(there, next.accessToken, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
  });

  test('a deleted account is gone everywhere', async () => {
    await befriend(here, ann, bob);
    expect(await ask(here, ann.token, 'mutation { deleteAccount }')).toEqual({ deleteAccount: true });
    expect(await ask(here, ann.token, 'mutation { deleteAccount }')).toEqual({ deleteAccount: true });
    expect(await codesOf(there, ann.token, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
    const seen = await ask(
      there,
      bob.token,
      `{ friends { totalCount edges { node { id } } } user(handle: "${ann.handle}") { id } }`,
    );
    expect(seen).toEqual({ friends: { totalCount: 0, edges: [] }, user: null });
    await signUp(there, ann.handle);
  });

  test('tokens verify by the published keys', async () => {
    const keys = createRemoteJWKSet(new URL(`${there}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(ann.token, keys, { algorithms: ['EdDSA'], issuer: 'nearby-friends' });
    expect(payload.sub).toBe(ann.id);
  });
});

describe('friends', () => {
  test('request, accept, list, remove, over two servers', async () => {
    const { sendFriendRequest: sent } = await ask<{ sendFriendRequest: { id: string } }>(
      here,
      ann.token,
      `mutation ($id: ID!) { sendFriendRequest(userId: $id) ${REQUEST} }`,
      { id: bob.id },
    );
    expect(sent).toMatchObject({ status: 'PENDING', from: { id: ann.id }, to: { handle: bob.handle } });
    const page = `edges { cursor node ${REQUEST} } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;
    const waiting = await ask<{ incoming: { edges: { cursor: string }[] } }>(
      there,
      bob.token,
      `{ incoming: friendRequests { ${page} } outgoing: friendRequests(direction: OUTGOING, first: 1) { ${page} } }`,
    );
    const [edge] = waiting.incoming.edges;
    expect(waiting).toEqual({
      incoming: {
        edges: [{ cursor: edge?.cursor, node: sent }],
        pageInfo: {
          hasNextPage: false,
          hasPreviousPage: false,
          startCursor: edge?.cursor,
          endCursor: edge?.cursor,
        },
      },
      outgoing: {
        edges: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      },
    });
    const accept = `mutation ($id: ID!) { acceptFriendRequest(requestId: $id) ${REQUEST} }`;
    expect(await ask(there, bob.token, accept, { id: sent.id })).toEqual({
      acceptFriendRequest: { ...sent, status: 'ACCEPTED' },
    });
    expect(await ask(here, ann.token, '{ friends { totalCount edges { node { id } } } }')).toEqual({
      friends: { totalCount: 1, edges: [{ node: { id: bob.id } }] },
    });
    const remove = 'mutation ($id: ID!) { removeFriend(userId: $id) }';
    expect(await ask(here, ann.token, remove, { id: bob.id })).toEqual({ removeFriend: true });
    expect(await ask(there, bob.token, remove, { id: ann.id })).toEqual({ removeFriend: false });
  });

  test('block, list, unblock', async () => {
    const act = (name: string, id: string) =>
      ask(here, ann.token, `mutation ($id: ID!) { ${name}(userId: $id) }`, { id });
    expect(await act('blockUser', bob.id)).toEqual({ blockUser: true });
    expect(await ask(there, bob.token, `{ user(handle: "${ann.handle}") { id } }`)).toEqual({ user: null });
    expect(await ask(here, ann.token, '{ blockedUsers { totalCount edges { node { handle } } } }')).toEqual({
      blockedUsers: { totalCount: 1, edges: [{ node: { handle: bob.handle } }] },
    });
    const send = 'mutation ($id: ID!) { sendFriendRequest(userId: $id) { id } }';
    const blocked = await request(there, bob.token, send, { id: ann.id });
    expect(blocked).toEqual(await request(there, bob.token, send, { id: randomUUID() }));
    expect(blocked.errors?.[0]?.extensions?.code).toBe('NOT_FOUND');
    expect(await act('unblockUser', bob.id)).toEqual({ unblockUser: true });
    expect(await act('unblockUser', bob.id)).toEqual({ unblockUser: false });
  });

  test('sharing is read and set', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const update =
      'mutation ($input: UpdateSharingInput!) { updateSharing(input: $input) { enabled until } }';
    expect(await ask(here, ann.token, '{ sharing { enabled until } }')).toEqual({
      sharing: { enabled: true, until: null },
    });
    const set = { enabled: false, until };
    expect(await ask(here, ann.token, update, { input: set })).toEqual({ updateSharing: set });
    expect(await ask(there, ann.token, '{ sharing { enabled until } }')).toEqual({ sharing: set });
    expect(
      await codesOf(here, ann.token, update, { input: { enabled: true, until: '2020-01-01T00:00:00.000Z' } }),
    ).toEqual(['BAD_USER_INPUT']);
  });

  test('requests are seen live, on the other server, as they are made and answered', async () => {
    const client = connect(there, bob.token);
    try {
      const stream = client.iterate({
        query: 'subscription { friendRequests { id status } }',
      });
      const next = async () => (await stream.next()).value as Seen | undefined;
      const first = next();
      const send = 'mutation ($id: ID!) { sendFriendRequest(userId: $id) { id status } }';
      const cancel = 'mutation ($id: ID!) { cancelFriendRequest(requestId: $id) { id } }';
      // What is made before the subscription is live is not seen: ask until it is.
      let sent = '';
      const repeated = (async () => {
        for (;;) {
          const made = await ask<{ sendFriendRequest: { id: string } }>(here, ann.token, send, {
            id: bob.id,
          });
          sent = made.sendFriendRequest.id;
          if ((await Promise.race([first, pause(50)])) !== undefined) return;
          await ask(here, ann.token, cancel, { id: sent });
        }
      })();
      const seen = await first;
      await repeated;
      expect(seen?.data?.friendRequests.status).toMatch(/PENDING|CANCELLED/);
      const decline = 'mutation ($id: ID!) { declineFriendRequest(requestId: $id) { id } }';
      await ask(there, bob.token, decline, { id: sent });
      for (;;) {
        const request = (await next())?.data?.friendRequests;
        if (request?.status === 'DECLINED') {
          expect(request.id).toBe(sent);
          return;
        }
      }
    } finally {
      await client.dispose();
    }
  });
});

describe('bad input', () => {
  test.each([
    [
      'signUp(input: {handle: "ab", displayName: "x", password: "long enough"}) { accessToken }',
      'BAD_USER_INPUT',
    ],
    [
      'signUp(input: {handle: "abc\\u0000", displayName: "x", password: "long enough"}) { accessToken }',
      'BAD_USER_INPUT',
    ],
    [
      'signUp(input: {handle: "abcd", displayName: "\\ud800", password: "long enough"}) { accessToken }',
      undefined,
    ],
    [
      'signUp(input: {handle: "abcd", displayName: "x", password: "short"}) { accessToken }',
      'BAD_USER_INPUT',
    ],
    ['signIn(input: {handle: "abcd", password: ""}) { accessToken }', 'UNAUTHENTICATED'],
    ['refreshToken(refreshToken: "") { accessToken }', 'UNAUTHENTICATED'],
    ['sendFriendRequest(userId: "7") { id }', 'BAD_USER_INPUT'],
    ['sendFriendRequest(userId: 7) { id }', 'BAD_USER_INPUT'],
    ['sendFriendRequest(userId: "SELF") { id }', 'BAD_USER_INPUT'],
    ['sendFriendRequest(userId: "00000000-0000-0000-0000-000000000000") { id }', 'NOT_FOUND'],
    ['acceptFriendRequest(requestId: "00000000-0000-0000-0000-000000000000") { id }', 'NOT_FOUND'],
    ['declineFriendRequest(requestId: "x") { id }', 'BAD_USER_INPUT'],
    ['cancelFriendRequest(requestId: "") { id }', 'BAD_USER_INPUT'],
    ['removeFriend(userId: "SELF")', 'BAD_USER_INPUT'],
    ['blockUser(userId: "SELF")', 'BAD_USER_INPUT'],
    ['unblockUser(userId: "null")', 'BAD_USER_INPUT'],
  ])('mutation %s', async (field, code) => {
    const codes = await codesOf(here, ann.token, `mutation { ${field.replace('SELF', ann.id)} }`);
    if (code === undefined) expect(['BAD_USER_INPUT', 'GRAPHQL_PARSE_FAILED']).toContain(codes[0]);
    else expect(codes).toEqual([code]);
  });

  test.each([
    ['user(handle: "x") { id }', 'BAD_USER_INPUT'],
    ['user(handle: "nobody_here") { id }', null],
    ['node(id: "x") { id }', 'BAD_USER_INPUT'],
    ['node(id: "0189d6c6-6d06-7b5e-8d70-4a2b9c1d2e3f") { id }', null],
    ['friends(first: 99999999) { totalCount }', 'BAD_USER_INPUT'],
    ['friends(first: -1) { totalCount }', 'BAD_USER_INPUT'],
    ['friends(after: "zzz") { totalCount }', 'BAD_USER_INPUT'],
    ['friendRequests(first: 1001) { edges { cursor } }', 'BAD_USER_INPUT'],
    ['friendRequests(after: "🦉") { edges { cursor } }', 'BAD_USER_INPUT'],
    ['blockedUsers(after: "") { totalCount }', 'BAD_USER_INPUT'],
  ])('query %s', async (field, code) => {
    expect(await codesOf(here, ann.token, `{ ${field} }`)).toEqual(code === null ? [] : [code]);
  });

  test.each([
    ['\u200b\u200b', 'A display name needs at least one visible character.'],
    ['\u3164', 'A display name needs at least one visible character.'],
    ['Ann\u202egnp.exe', 'A display name must not contain characters that control text direction.'],
    [`Z${'\u0301'.repeat(99)}`, 'A display name must not have more than 4 marks on one character.'],
  ])('the display name %j is refused with the reason', async (displayName, message) => {
    const mutation = 'mutation ($input: SignUpInput!) { signUp(input: $input) { accessToken } }';
    const input = { handle: `names_${round}`, displayName, password: 'long enough' };
    const { errors } = await request(here, null, mutation, { input });
    expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('a display name of before today is still read', async () => {
    const displayName = 'Ann\u202egnp.exe';
    const database = new pg.Client({ connectionString: cluster.database.url });
    await database.connect();
    await database.query('UPDATE users SET display_name = $1 WHERE id = $2', [displayName, bob.id]);
    await database.end();
    const { user } = await ask<{ user: { displayName: string } }>(
      here,
      ann.token,
      `{ user(handle: "${bob.handle}") { displayName } }`,
    );
    expect(user.displayName).toBe(displayName);
  });

  test('lone surrogates in variables are refused, not stored', async () => {
    const mutation = 'mutation ($input: SignUpInput!) { signUp(input: $input) { accessToken } }';
    for (const wrong of [
      { displayName: '\ud800' },
      { password: 'longlong\udfff' },
      { handle: 'abc\ud800' },
    ]) {
      const input = { handle: `s_${round}`, displayName: 'x', password: 'long enough', ...wrong };
      expect(await codesOf(here, null, mutation, { input })).toEqual(['BAD_USER_INPUT']);
    }
  });

  test.each([
    'me { id }',
    'user(handle: "abc") { id }',
    'node(id: "0189d6c6-6d06-7b5e-8d70-4a2b9c1d2e3f") { id }',
    'friends { totalCount }',
    'friendRequests { edges { cursor } }',
    'blockedUsers { totalCount }',
    'sharing { enabled }',
  ])('without a token, %s is refused', async (field) => {
    for (const token of [null, 'nonsense', `${ann.token}x`]) {
      expect(await codesOf(here, token, `{ ${field} }`)).toEqual(['UNAUTHENTICATED']);
    }
  });
});

interface Seen {
  readonly data?: { readonly friendRequests: { readonly id: string; readonly status: string } };
}

interface Payload {
  readonly user: { readonly id: string };
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
}

const PAYLOAD = `{ user ${CARD} accessToken accessTokenExpiresAt refreshToken }`;

function refresh(url: string, token: string) {
  const mutation = `mutation ($token: String!) { refreshToken(refreshToken: $token) ${PAYLOAD} }`;
  return ask<{ refreshToken: Payload }>(url, null, mutation, { token });
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
