import { once } from 'node:events';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import WebSocket from 'ws';
import { type Config, readConfig } from '../../src/config.js';
import type { Clock } from '../../src/time/clock.js';
import {
  act,
  ask,
  connectForTest,
  metric,
  move,
  requestOverSocket,
  signUp,
  signUpFriends,
  type TestUser,
  UPDATE_LOCATION,
} from '../support/api.js';
import { fastClock } from '../support/fake-clock.js';
import { follow, followNearby, NEARBY_FRIENDS } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { ageUsedTokens } from '../support/query.js';
import { openRawSocket, type RawSocket, rawSocket } from '../support/raw-socket.js';

const HERE = { latitude: 41.39, longitude: 2.17 };
const PASSWORD = 'correct horse battery';

let cluster: TestCluster;
let here: string;
let there: string;

beforeAll(async () => {
  // These tests are about something else than limits of a user.
  const limits = { ...readConfig({}).limits, updatesPerSecond: 10_000, subscriptionsPerUser: 1_000 };
  cluster = await startTestCluster(2, { limits });
  [here, there] = cluster.urls as [string, string];
});

afterAll(() => cluster.close());

/** A cluster of one, for tests that end it or set it up otherwise. */
async function oneServer(settings: Partial<Config>, clock?: Clock): Promise<TestCluster> {
  const own = await startTestCluster(1, settings, clock && { clock });
  onTestFinished(() => own.close());
  return own;
}

describe('signing in', () => {
  it('is possible over a socket without a token, for the operations that need none', async () => {
    const client = connectForTest(here, null);
    const handle = `over_socket_${process.pid}`;
    const { data } = await requestOverSocket<{ signUp: { accessToken: string } }>(
      client,
      `mutation ($handle: String!, $password: String!) {
        signUp(input: { handle: $handle, displayName: "A", password: $password }) { accessToken } }`,
      { handle, password: PASSWORD },
    );
    expect(
      (await ask<{ me: { handle: string } }>(there, data?.signUp.accessToken ?? '', '{ me { handle } }')).me,
    ).toEqual({ handle });
    for (const query of [
      '{ me { id } }',
      'subscription { nearbyFriends { snapshot } }',
      'subscription { friendRequests { id } }',
    ]) {
      const { errors } = await requestOverSocket(client, query);
      expect(errors?.[0]?.extensions?.code, query).toBe('UNAUTHENTICATED');
    }
    expect((await requestOverSocket(client, '{ __typename }')).data).toEqual({ __typename: 'Query' });
  });

  it('with a token that does not hold is refused with 4403, before the ack', async () => {
    const { token } = await signUp(here);
    const refused = () => metric(here, 'nearby_drops_total{cause="token refused"}');
    const before = await refused();
    for (const bad of ['x', `${token}x`, token.slice(0, -4), 'a.b.c']) {
      const raw = await openRawSocket(here);
      raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${bad}` } });
      expect((await raw.closed).code).toBe(4403);
      expect(raw.messages).toEqual([]);
    }
    expect(await refused()).toBe(before + 4);
  });

  it('takes the token of the upgrade’s own header too', async () => {
    const user = await signUp(here);
    const raw = await openRawSocket(here, { headers: { authorization: `Bearer ${user.token}` } });
    await raw.init(null);
    raw.send({ id: '1', type: 'subscribe', payload: { query: '{ me { id } }' } });
    expect((await raw.message(({ type }) => type === 'next')).payload).toEqual({
      data: { me: { id: user.id } },
    });
    raw.socket.close();
  });
});

describe('a session that ends', () => {
  it('by signing out closes its own sockets on every server with 4403, and no other session’s', async () => {
    const user = await signUp(here);
    const { signIn } = await ask<{ signIn: { accessToken: string } }>(
      there,
      null,
      'mutation ($handle: String!, $password: String!) { signIn(input: { handle: $handle, password: $password }) { accessToken } }',
      { handle: user.handle, password: PASSWORD },
    );
    const other: TestUser = { ...user, token: signIn.accessToken };
    const ending = [here, there].map((url) => follow(url, user));
    const staying = [here, there].map((url) => follow(url, other));
    await Promise.all([...ending, ...staying].map((list) => list.next()));
    expect(await act(there, user, 'signOut')).toBe(true);
    expect(await Promise.all(ending.map(({ ended }) => ended))).toMatchObject([
      { code: 4403 },
      { code: 4403 },
    ]);
    await move(here, other, HERE);
    for (const list of staying) expect((await list.next()).origin).toEqual(HERE);
    for (const url of [here, there]) {
      const raw = await openRawSocket(url);
      raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${user.token}` } });
      expect((await raw.closed).code).toBe(4403);
    }
  });

  it('by a refresh token that comes again after its grace closes its sockets', async () => {
    const user = await signUp(here);
    const list = follow(there, user);
    await list.next();
    const refresh = 'mutation ($t: String!) { refreshToken(refreshToken: $t) { accessToken } }';
    await ask(here, null, refresh, { t: user.refreshToken });
    await ageUsedTokens(cluster.database, 31);
    await expect(ask(here, null, refresh, { t: user.refreshToken })).rejects.toThrow('UNAUTHENTICATED');
    expect(await list.ended).toMatchObject({ code: 4403 });
  });

  it('by the token’s expiry closes its sockets with 4403', async () => {
    const own = await oneServer({ accessTokenSeconds: 2 });
    const user = await signUp(own.urls[0] as string);
    const lists = Array.from({ length: 19 }, () => follow(own.urls[0] as string, user));
    const idle = await openRawSocket(own.urls[0] as string);
    await idle.init(user.token);
    await Promise.all(lists.map((list) => list.next()));
    // Never "complete", after which a client would not come back.
    for (const { ended } of lists) expect(await ended).toMatchObject({ code: 4403 });
    expect((await idle.closed).code).toBe(4403);
  });

  it('does nothing more for a socket that does not answer the close', async () => {
    const user = await signUp(here);
    const raw = await openRawSocket(here);
    await raw.init(user.token);
    raw.socket.pause();
    await act(there, user, 'signOut');
    await vi.waitFor(
      async () => {
        const { errors } = await fetch(`${here}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${user.token}` },
          body: '{"query":"{ me { id } }"}',
        }).then((response) => response.json() as Promise<{ errors?: unknown[] }>);
        expect(errors).toHaveLength(1);
      },
      { timeout: 10_000 },
    );
    raw.send({
      id: '1',
      type: 'subscribe',
      payload: { query: 'mutation { updateSharing(input: { enabled: false }) { enabled } }' },
    });
    raw.socket.resume();
    expect((await raw.closed).code).toBe(4403);
    const { signIn } = await ask<{ signIn: { accessToken: string } }>(
      here,
      null,
      `mutation { signIn(input: { handle: "${user.handle}", password: "${PASSWORD}" }) { accessToken } }`,
    );
    const { sharing } = await ask<{ sharing: unknown }>(here, signIn.accessToken, '{ sharing { enabled } }');
    expect(sharing).toEqual({ enabled: true });
  });
});

describe('an operation that ends its own session', () => {
  it.each([
    ['signOut', false],
    ['deleteAccount', true],
  ])('%s is answered before the socket closes with 4403, and again', async (field, doneAgain) => {
    const [ann, bob] = await signUpFriends(here);
    await Promise.all([move(here, ann, HERE), move(there, bob, HERE)]);
    const raws = await Promise.all([here, there].map((url) => openRawSocket(url)));
    for (const raw of raws) {
      await raw.init(ann.token);
      const requests = 'subscription { friendRequests { id } }';
      raw.send({ id: 'requests', type: 'subscribe', payload: { query: requests } });
      raw.send({ id: 'list', type: 'subscribe', payload: { query: NEARBY_FRIENDS } });
      await raw.message(({ id }) => id === 'list');
    }
    const [raw] = raws as [RawSocket];
    raw.send({ id: 'end', type: 'subscribe', payload: { query: `mutation { ${field} }` } });
    for (const { closed } of raws) expect(await closed).toEqual({ code: 4403, reason: 'Session ended' });
    expect(raw.messages.slice(raw.messages.findIndex(({ id }) => id === 'end'))).toEqual([
      { id: 'end', type: 'next', payload: { data: { [field]: true } } },
      { id: 'end', type: 'complete' },
    ]);
    // "complete" would tell a client that there is nothing to come back for.
    for (const { messages } of raws) {
      expect(messages.filter(({ id, type }) => id !== 'end' && type === 'complete')).toEqual([]);
    }

    // The same again, as after a lost answer, on any server: done.
    for (const url of [here, there]) {
      const again = await openRawSocket(url);
      await again.init(ann.token);
      again.send({ id: '1', type: 'subscribe', payload: { query: `mutation { ${field} }` } });
      expect((await again.closed).code).toBe(4403);
      expect(again.messages.slice(1)).toEqual([
        { id: '1', type: 'next', payload: { data: { [field]: doneAgain } } },
        { id: '1', type: 'complete' },
      ]);
    }
  });

  it('such as a refresh token that is used too late is answered before the close', async () => {
    const user = await signUp(here);
    const refresh = `mutation { refreshToken(refreshToken: "${user.refreshToken}") { accessToken } }`;
    await ask(here, null, refresh);
    await ageUsedTokens(cluster.database, 31);
    const raw = await openRawSocket(here);
    await raw.init(user.token);
    raw.send({ id: '1', type: 'subscribe', payload: { query: refresh } });
    expect((await raw.closed).code).toBe(4403);
    expect(raw.messages.slice(1)).toMatchObject([
      { type: 'next', payload: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } },
      { type: 'complete' },
    ]);
  });

  it('such as deleteAccount is answered although the history takes long to delete', async () => {
    const user = await signUp(here);
    const raw = await openRawSocket(here);
    await raw.init(user.token);
    const locker = new pg.Client({ connectionString: cluster.database.url });
    await locker.connect();
    onTestFinished(() => locker.end());
    await locker.query('BEGIN; LOCK TABLE location_ids IN ACCESS EXCLUSIVE MODE');
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'mutation { deleteAccount }' } });
    expect((await raw.closed).code).toBe(4403);
    expect(raw.messages[1]).toMatchObject({ type: 'next', payload: { data: { deleteAccount: true } } });
    await locker.query('ROLLBACK');
  });

  it('of which another waits too long is not waited for, and no event is sent meanwhile', async () => {
    const [ann, bob] = await signUpFriends(here);
    await Promise.all([move(here, ann, HERE), move(here, bob, HERE)]);
    const locker = new pg.Client({ connectionString: cluster.database.url });
    await locker.connect();
    onTestFinished(() => locker.end());
    const raw = await openRawSocket(here);
    await raw.init(ann.token);
    raw.send({ id: 'list', type: 'subscribe', payload: { query: NEARBY_FRIENDS } });
    await raw.message(({ id }) => id === 'list');
    await locker.query('BEGIN; LOCK TABLE blocks IN ACCESS EXCLUSIVE MODE');
    raw.send({ id: 'slow', type: 'subscribe', payload: { query: '{ blockedUsers { totalCount } }' } });
    await vi.waitFor(
      async () => {
        const { rows } = await locker.query(
          "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'relation'",
        );
        expect(rows).not.toHaveLength(0);
      },
      { timeout: 10_000 },
    );
    const told = raw.messages.length;
    await act(here, ann, 'signOut');
    const endedAtMs = performance.now();
    raw.send({ id: 'late', type: 'subscribe', payload: { query: '{ __typename }' } });
    await move(here, bob, { ...HERE, latitude: HERE.latitude + 0.001 });
    expect((await raw.closed).code).toBe(4403);
    expect(performance.now() - endedAtMs).toBeLessThan(2_000);
    expect(raw.messages.slice(told)).toEqual([]);
    await locker.query('ROLLBACK');
  });

  it('is answered in one burst with others, and they close the socket at once rather than at the end of the wait', async () => {
    const user = await signUp(here);
    await act(here, user, 'signOut');
    const raw = await openRawSocket(here);
    await raw.init(user.token);
    const sentAtMs = performance.now();
    raw.send({ id: 'list', type: 'subscribe', payload: { query: NEARBY_FRIENDS } });
    raw.send({ id: 'me', type: 'subscribe', payload: { query: '{ me { id } }' } });
    raw.send({ id: 'end', type: 'subscribe', payload: { query: 'mutation { signOut }' } });
    expect(await raw.closed).toEqual({ code: 4403, reason: 'Session ended' });
    expect(raw.messages.slice(1)).toEqual([
      { id: 'end', type: 'next', payload: { data: { signOut: false } } },
      { id: 'end', type: 'complete' },
    ]);
    const other = await openRawSocket(here);
    await other.init(user.token);
    other.send({ id: 'me', type: 'subscribe', payload: { query: '{ me { id } }' } });
    expect(await other.closed).toEqual({ code: 4403, reason: 'Session ended' });
    expect(other.messages).toHaveLength(1);
    expect(performance.now() - sentAtMs).toBeLessThan(1_000);
  });

  it('does nothing for a session that has ended already', async () => {
    const user = await signUp(here);
    await act(here, user, 'signOut');
    const unanswered = async (query: string): Promise<void> => {
      const raw = await openRawSocket(here);
      await raw.init(user.token);
      raw.send({ id: '1', type: 'subscribe', payload: { query } });
      expect((await raw.closed).code, query).toBe(4403);
      expect(raw.messages.map(({ type }) => type)).toEqual(['connection_ack']);
    };
    await Promise.all(
      [
        'mutation { signOut updateSharing(input: { enabled: false }) { enabled } }',
        `mutation { signIn(input: { handle: "${user.handle}", password: "${PASSWORD}" }) { accessToken } }`,
        '{ __typename }',
        NEARBY_FRIENDS,
      ].map(unanswered),
    );
    const raw = await openRawSocket(here);
    await raw.init(user.token);
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'mutation { deleteAccount }' } });
    expect((await raw.message(({ id }) => id === '1')).payload).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });
});

/** With 95 fields of such names an answer has some 190 kB: the buffers of the two systems hold a few dozen of them. */
const LONG = 'x'.repeat(2_000);

describe('a client that reads nothing', () => {
  const HEAVY = `subscription { nearbyFriends { origin { latitude }
    ${Array.from({ length: 95 }, (_, index) => `${LONG}${index}: snapshot`).join(' ')} } }`;

  it('gets the newest state when it reads again, not all that it missed', async () => {
    const [ann, bob] = await signUpFriends(here);
    await Promise.all([move(here, ann, HERE), move(there, bob, HERE)]);
    const raw = await openRawSocket(here);
    await raw.init(ann.token);
    raw.send({ id: 'heavy', type: 'subscribe', payload: { query: HEAVY } });
    await raw.message(({ type }) => type === 'next');
    raw.socket.pause();
    const [updates, atOnce] = [300, 10];
    for (let step = 0; step < updates; step += atOnce) {
      const latitudes = Array.from({ length: atOnce }, (_, index) => HERE.latitude + (step + index) * 1e-6);
      await Promise.all(latitudes.map((latitude) => move(there, bob, { ...HERE, latitude })));
    }
    await move(there, ann, { latitude: HERE.latitude + 0.001, longitude: HERE.longitude });
    raw.socket.resume();
    const isNewest = ({ payload }: { payload?: unknown }): boolean =>
      (payload as { data?: { nearbyFriends: { origin: { latitude: number } } } } | undefined)?.data
        ?.nearbyFriends.origin.latitude ===
      HERE.latitude + 0.001;
    await raw.message(isNewest);
    expect(raw.messages.filter(({ type }) => type === 'next').length).toBeLessThan(updates / 2);
    raw.socket.close();
  });

  it('is closed in the end, and leaves nothing behind', async () => {
    const own = await oneServer({}, fastClock(30));
    const url = own.urls[0] as string;
    const user = await signUp(url);
    const raw = await openRawSocket(url);
    await raw.init(user.token);
    raw.send({
      id: '1',
      type: 'subscribe',
      payload: { query: 'subscription { nearbyFriends { snapshot } }' },
    });
    await raw.message(({ type }) => type === 'next');
    const reading = follow(url, user);
    await reading.next();
    raw.socket.pause();
    await vi.waitFor(async () => expect(await metric(url, 'nearby_connections')).toBe(1), {
      timeout: 6_000,
      interval: 100,
    });
    expect(await metric(url, 'nearby_subscriptions')).toBe(1);
    expect(await metric(url, 'nearby_drops_total{cause="silent socket"}')).toBe(1);
    await move(url, user, HERE);
    expect((await reading.next()).origin).toEqual(HERE);
    raw.socket.resume();
    expect((await raw.closed).code).toBe(1006);
  });
});

describe('a client that sends and sends but reads nothing', () => {
  it('is closed in the end', async () => {
    const own = await oneServer({}, fastClock(30));
    const url = own.urls[0] as string;
    const user = await signUp(url);
    const raw = await openRawSocket(url);
    await raw.init(user.token);
    raw.socket.pause();
    const aliases = Array.from({ length: 95 }, (_, index) => `${LONG}${index}: __typename`);
    const query = `{ ${aliases.join(' ')} }`;
    let nth = 0;
    const sending = setInterval(() => {
      raw.send({ id: String(nth++), type: 'subscribe', payload: { query } });
    }, 20);
    onTestFinished(() => clearInterval(sending));
    await vi.waitFor(async () => expect(await metric(url, 'nearby_connections')).toBe(0), {
      timeout: 15_000,
      interval: 100,
    });
    clearInterval(sending);
    expect(await metric(url, 'nearby_drops_total{cause="slow reader"}')).toBe(1);
    raw.socket.resume();
    expect((await raw.closed).code).toBe(1006);
  });
});

describe('opening a socket', () => {
  it('from an origin that is not listed is refused with 403', async () => {
    const own = await oneServer({ allowedOrigins: ['https://app.example'] });
    const url = own.urls[0] as string;
    const statusOf = async (origin: string): Promise<number | undefined> => {
      const { socket } = rawSocket(url, { origin });
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
      socket.terminate();
      return response.statusCode;
    };
    expect(await statusOf('https://evil.example')).toBe(403);
    expect(await statusOf('null')).toBe(403);
    expect(await metric(url, 'nearby_drops_total{cause="origin refused"}')).toBe(2);
    const ownPage = { origin: new URL(url).origin };
    for (const options of [
      { origin: 'https://app.example' },
      { origin: 'HTTPS://App.Example' },
      ownPage,
      {},
    ]) {
      const raw = await openRawSocket(url, options);
      await raw.init(null);
      raw.socket.close();
    }
  });

  it('anywhere but at /graphql is refused with 404, and without the subprotocol closed with 4406', async () => {
    for (const path of ['/nowhere', '/graphql/x', '/']) {
      const { socket } = rawSocket(`${here}${path}?`);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
      expect(response.statusCode, path).toBe(404);
      socket.terminate();
    }
    const plain = new WebSocket(`${here.replace('http', 'ws')}/graphql`);
    expect(await new Promise((resolve) => plain.once('close', resolve))).toBe(4406);
  });
});

it('200 operations at once on one socket are answered, more are refused, and the socket lives', async () => {
  const user = await signUp(here);
  const client = connectForTest(here, user.token);
  const lists = Array.from({ length: 200 }, () => followNearby(client));
  await Promise.all(lists.map((list) => list.next()));
  const { errors } = await requestOverSocket(client, '{ me { id } }');
  expect(errors?.[0]?.extensions?.code).toBe('RATE_LIMITED');
  expect(await metric(here, 'nearby_drops_total{cause="operations over limit"}')).toBe(1);
  lists[0]?.close();
  await vi.waitFor(
    async () =>
      expect((await requestOverSocket(client, '{ me { id } }')).data).toEqual({ me: { id: user.id } }),
    { timeout: 10_000 },
  );
});

it('a mutation that has come a hundred times is answered, and refused, as when it came first', async () => {
  const [client, stranger] = [connectForTest(here, (await signUp(here)).token), connectForTest(here, null)];
  const update = (input: object) => requestOverSocket(client, UPDATE_LOCATION, { input });
  const refusals = async () => [
    await update({ ...HERE, latitude: 91 }),
    await update({ latitude: 1 }),
    await requestOverSocket(stranger, UPDATE_LOCATION, { input: HERE }),
  ];
  const atFirst = await refusals();
  expect(atFirst.map(({ errors }) => errors?.[0]?.extensions?.code)).toEqual([
    'BAD_USER_INPUT',
    'BAD_USER_INPUT',
    'UNAUTHENTICATED',
  ]);
  for (let time = 0; time < 120; time++) {
    const { data } = await update(HERE);
    expect(data).toMatchObject({ updateLocation: { recorded: true, location: HERE } });
  }
  expect(await refusals()).toEqual(atFirst);
});
