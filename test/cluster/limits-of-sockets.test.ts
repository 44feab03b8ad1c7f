/** Sockets, subscriptions and updates: each limit holds, one past it is refused, and nothing is left afterwards. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type LimitConfig, readConfig } from '../../src/config.js';
import type { NodeOverrides } from '../../src/node.js';
import { systemClock } from '../../src/time/clock.js';
import { ask, connectForTest, metric, request, signUp, UPDATE_LOCATION } from '../support/api.js';
import { followNearby } from '../support/nearby-list.js';
import { startTestCluster } from '../support/nodes.js';
import { openRawSocket, rawSocket, type RawSocket } from '../support/raw-socket.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const defaults = readConfig({}).limits;

async function startServer(
  limits: Partial<LimitConfig> = {},
  overrides: NodeOverrides = {},
): Promise<string> {
  const cluster = await startTestCluster(1, { limits: { ...defaults, ...limits } }, overrides);
  onTestFinished(() => cluster.close());
  return cluster.urls[0] as string;
}

async function statusOfUpgrade(url: string): Promise<number | undefined> {
  const { socket } = rawSocket(url);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
  socket.terminate();
  return response.statusCode;
}

async function closeAll(sockets: readonly RawSocket[]): Promise<void> {
  for (const { socket } of sockets) socket.close();
  await Promise.all(sockets.map(({ closed }) => closed));
}

const until = (url: string, name: string, value: number) =>
  vi.waitFor(async () => expect(await metric(url, name)).toBe(value), 5_000);

test.each([
  ['maxSockets', 503],
  ['socketsPerAddress', 429],
] as const)(
  'as many sockets as %s says are opened, one more is answered %i, and again when they are closed',
  async (name, status) => {
    const url = await startServer({ [name]: 3 });
    for (let round = 1; round <= 2; round++) {
      const sockets = await Promise.all(Array.from({ length: 3 }, () => openRawSocket(url)));
      expect(await statusOfUpgrade(url)).toBe(status);
      expect(await metric(url, 'nearby_drops_total{cause="sockets over limit"}')).toBe(round);
      await closeAll(sockets);
      await until(url, 'nearby_connections', 0);
    }
    // Upgrades that fail take no place.
    for (let nth = 0; nth < 5; nth++) {
      const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
      const [response] = (await once(get(`${url}/graphql`, { headers }), 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(400);
    }
    await closeAll(await Promise.all(Array.from({ length: 3 }, () => openRawSocket(url))));
  },
);

test('twenty sockets of a user work, one more is closed with a code to come back after, and then has its place', async () => {
  const url = await startServer();
  const [user, other] = [await signUp(url), await signUp(url)];
  const open = async (token: string): Promise<RawSocket> => {
    const socket = await openRawSocket(url);
    await socket.init(token);
    return socket;
  };
  const sockets = await Promise.all(Array.from({ length: defaults.socketsPerUser }, () => open(user.token)));
  const oneMore = await openRawSocket(url);
  oneMore.send({ type: 'connection_init', payload: { authorization: `Bearer ${user.token}` } });
  expect(await oneMore.closed).toEqual({ code: 1013, reason: 'Too many sockets' });
  expect(oneMore.messages).toEqual([]);
  const others = [await open(other.token)];
  await closeAll(sockets.splice(0, 1));
  await vi.waitFor(async () => sockets.push(await open(user.token)), 5_000);
  await closeAll([...sockets, ...others]);
  await until(url, 'nearby_connections', 0);
  expect(defaults.socketsPerUser).toBe(20);
  await closeAll(await Promise.all(Array.from({ length: defaults.socketsPerUser }, () => open(user.token))));
});

test('a socket without a token is closed after a minute without an operation; one with a token stays', async () => {
  let shiftMs = 0;
  const clock = { ...systemClock, monotonic: () => performance.now() + shiftMs };
  const url = await startServer({}, { clock });
  const user = await signUp(url);
  const [idle, asking, signedIn] = await Promise.all([
    openRawSocket(url),
    openRawSocket(url),
    openRawSocket(url),
  ]);
  await Promise.all([idle.init(null), asking.init(null), signedIn.init(user.token)]);
  const closed = vi.fn();
  void asking.closed.then(closed);
  void signedIn.closed.then(closed);
  for (let half = 0; half < 2; half++) {
    shiftMs += 29_500;
    // All are alive, but a ping is no operation.
    for (const socket of [idle, asking, signedIn]) socket.send({ type: 'ping' });
    const id = `query ${half}`;
    asking.send({ id, type: 'subscribe', payload: { query: '{ __typename }' } });
    await asking.message((message) => message.id === id && message.type === 'complete');
    await vi.waitFor(
      () => expect(idle.messages.filter(({ type }) => type === 'pong')).toHaveLength(half + 1),
      { timeout: 10_000 },
    );
  }
  shiftMs += 1_000;
  expect(await idle.closed).toEqual({ code: 4408, reason: 'No operation in time' });
  expect(closed).not.toHaveBeenCalled();
  expect(await metric(url, 'nearby_drops_total{cause="idle socket"}')).toBe(1);
});

test('fifty subscriptions of a user, over whatever sockets and streams, and no more until one ends', async () => {
  const url = await startServer();
  const [user, other] = [await signUp(url), await signUp(url)];
  const limit = defaults.subscriptionsPerUser;
  expect(limit).toBe(50);
  const subscription = 'subscription { nearbyFriends { snapshot } }';
  const stream = async () => {
    const abort = new AbortController();
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      signal: abort.signal,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${user.token}`,
      },
      body: JSON.stringify({ query: subscription }),
    });
    const reader = response.body?.getReader();
    const text = new TextDecoder();
    let read = '';
    while (!read.includes('data')) read += text.decode((await reader?.read())?.value);
    return { read, abort };
  };
  const [first, second] = [connectForTest(url, user.token), connectForTest(url, user.token)];
  for (let round = 0; round < 2; round++) {
    const lists = Array.from({ length: limit - 1 }, (_, nth) => followNearby(nth % 2 === 0 ? first : second));
    await Promise.all(lists.map((list) => list.next()));
    const last = await stream();
    expect(last.read).toContain('snapshot');
    const oneMore = await openRawSocket(url);
    await oneMore.init(user.token);
    for (const field of ['nearbyFriends { snapshot }', 'friendRequests { id }']) {
      const id = field.slice(0, 14);
      oneMore.send({ id, type: 'subscribe', payload: { query: `subscription { ${field} }` } });
      const { payload } = await oneMore.message((message) => message.id === id);
      expect(payload).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
    }
    expect((await stream()).read).toContain('RATE_LIMITED');
    const others = followNearby(connectForTest(url, other.token));
    await others.next();
    for (const list of [...lists, others]) list.close();
    last.abort.abort();
    await until(url, 'nearby_subscriptions', 0);
    await closeAll([oneMore]);
  }
});

test('a hundred updates at once and ten a second are taken, more are told when to come back', async () => {
  const url = await startServer();
  const user = await signUp(url);
  const update = async () => {
    const { errors } = await request(url, user.token, UPDATE_LOCATION, { input: HERE });
    return errors?.[0]?.extensions ?? { code: 'none' };
  };
  const startMs = performance.now();
  const answers = await Promise.all(Array.from({ length: 150 }, update));
  const seconds = (performance.now() - startMs) / 1_000;
  const taken = answers.filter(({ code }) => code === 'none').length;
  expect(taken).toBeGreaterThanOrEqual(100);
  expect(taken).toBeLessThanOrEqual(100 + Math.ceil(seconds * 10));
  expect(answers.find(({ code }) => code !== 'none')).toEqual({ code: 'RATE_LIMITED', retryAfterSeconds: 1 });
  await vi.waitFor(async () => expect(await update()).toEqual({ code: 'none' }), 3_000);
});

test('2,000 locations that waited on a device are taken in batches, beside the present one', async () => {
  const url = await startServer();
  const user = await signUp(url);
  const nowMs = Date.now();
  const waiting = Array.from({ length: 2_000 }, (_, nth) => ({
    ...HERE,
    recordedAt: new Date(nowMs - (2_000 - nth) * 30_000).toISOString(),
  }));
  const batch =
    'mutation ($inputs: [UpdateLocationInput!]!) { updateLocations(inputs: $inputs) { recorded } }';
  await ask(url, user.token, UPDATE_LOCATION, { input: HERE });
  for (let from = 2_000 - 500; from >= 0; from -= 500) {
    const inputs = waiting.slice(from, from + 500);
    const { updateLocations } = await ask<{ updateLocations: unknown[] }>(url, user.token, batch, { inputs });
    expect(updateLocations).toHaveLength(500);
  }
  await ask(url, user.token, UPDATE_LOCATION, { input: HERE });
});
