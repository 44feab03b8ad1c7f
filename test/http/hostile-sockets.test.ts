import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type WebSocket from 'ws';
import { createLogger } from '../../src/log.js';
import { type Clock, systemClock } from '../../src/time/clock.js';
import { ask, metric, move, signUp, signUpFriends, type TestUser } from '../support/api.js';
import { follow, NEARBY_FRIENDS } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { openRawSocket, type RawSocket } from '../support/raw-socket.js';

const HERE = { latitude: 47.37, longitude: 8.54 };
const LIST = 'subscription { nearbyFriends { snapshot } }';
const REQUESTS = 'subscription { friendRequests { id } }';

let cluster: TestCluster;
let url: string;
let locker: pg.Client;
let ann: TestUser;
let lines: { readonly level: number; readonly msg: string }[] = [];

beforeAll(async () => {
  const log = createLogger('debug', { write: (line) => void lines.push(JSON.parse(line)) });
  cluster = await startTestCluster(1, {}, { log });
  url = cluster.urls[0] as string;
  ann = await signUp(url);
  locker = new pg.Client({ connectionString: cluster.database.url });
  await locker.connect();
});

beforeEach(() => {
  lines = [];
});

afterAll(async () => {
  await locker.end();
  await cluster.close();
});

async function signedIn(): Promise<RawSocket> {
  const raw = await openRawSocket(url);
  await raw.init(ann.token);
  onTestFinished(() => raw.socket.terminate());
  return raw;
}

const subscribe = (id: string, query: string) => ({ id, type: 'subscribe', payload: { query } });

/** Sends messages so that they arrive together. */
function sendAtOnce(raw: RawSocket, messages: Parameters<RawSocket['send']>[0][]): void {
  const stream = (raw.socket as WebSocket & { readonly _socket: Socket })._socket;
  stream.cork();
  for (const message of messages) raw.send(message);
  stream.uncork();
}

async function expectNothingLeft(): Promise<void> {
  await vi.waitFor(async () => {
    for (const name of [
      'nearby_connections',
      'nearby_subscriptions',
      'nearby_subscriptions_without_client',
      'nearby_watched_users',
    ]) {
      expect(await metric(url, name), name).toBe(0);
    }
  }, 5_000);
}

/** Makes everything about blocks wait, until called. */
async function holdBlocks(): Promise<() => Promise<void>> {
  await locker.query('BEGIN; LOCK TABLE blocks IN ACCESS EXCLUSIVE MODE');
  let isHeld = true;
  const release = async (): Promise<void> => {
    if (isHeld) await locker.query('ROLLBACK');
    isHeld = false;
  };
  onTestFinished(release);
  return release;
}

describe('the id of an operation that has not ended', () => {
  it.each([
    ['a list', LIST, LIST],
    [
      'a list that graphql-js executes',
      'subscription { nearbyFriends { snapshot } __typename: nearbyFriends { snapshot } }',
      LIST,
    ],
    ['friend requests', REQUESTS, REQUESTS],
    ['a list after friend requests', REQUESTS, LIST],
  ])(
    'used again in one go, for %s, leaves nothing when the socket is closed',
    async (_name, first, second) => {
      for (const between of [[], [{ id: 'a', type: 'complete' }]]) {
        for (let round = 0; round < 5; round++) {
          const raw = await signedIn();
          sendAtOnce(raw, [subscribe('a', first), ...between, subscribe('a', second)]);
          const { code, reason } = await Promise.race([
            raw.closed,
            sleep(300).then(() => ({ code: 0, reason: '' })),
          ]);
          // Either the second is refused, or it is the one that is open.
          expect([0, 4409], reason).toContain(code);
          if (code === 0) expect(await metric(url, 'nearby_subscriptions')).toBeLessThanOrEqual(1);
          raw.socket.terminate();
        }
      }
      await expectNothingLeft();
    },
  );

  it('is refused with 4409 while a completed query still runs, whose answer comes under no id', async () => {
    const release = await holdBlocks();
    const raw = await signedIn();
    raw.send(subscribe('a', '{ blockedUsers { totalCount } }'));
    raw.send({ id: 'a', type: 'complete' });
    raw.send(subscribe('a', LIST));
    expect(await raw.closed).toEqual({ code: 4409, reason: 'Subscriber for a already exists' });
    await release();
    expect(raw.messages.map(({ type }) => type)).toEqual(['connection_ack']);
    await expectNothingLeft();
  });

  it('is free as soon as the operation has ended', async () => {
    const raw = await signedIn();
    for (let round = 0; round < 20; round++) {
      raw.send(subscribe('a', '{ __typename }'));
      await raw.message(({ type }) => type === 'complete');
      (raw.messages as unknown[]).length = 0;
      raw.send(subscribe('a', LIST));
      expect((await raw.message(({ type }) => type === 'next')).payload).toEqual({
        data: { nearbyFriends: { snapshot: true } },
      });
      raw.send({ id: 'a', type: 'complete' });
      raw.send({ type: 'ping' });
      await raw.message(({ type }) => type === 'pong');
      (raw.messages as unknown[]).length = 0;
    }
    expect(await metric(url, 'nearby_subscriptions')).toBeLessThanOrEqual(1);
  });

  it('closes with a reason that fits, however long it is', async () => {
    for (const id of ['x'.repeat(123), 'x'.repeat(5_000), '😀'.repeat(60), '\ud800'.repeat(200)]) {
      const raw = await signedIn();
      for (let time = 0; time < 2; time++) raw.send(subscribe(id, LIST));
      const { code, reason } = await raw.closed;
      expect(code).toBe(4409);
      expect(reason).toMatch(/^Subscriber for /);
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    }
    await expectNothingLeft();
    expect(lines.filter(({ level }) => level > 20)).toEqual([]);
  });
});

it('two hundred operations are counted until they end, not until the client completes them', async () => {
  const release = await holdBlocks();
  const raw = await signedIn();
  for (let nth = 0; nth < 300; nth++) {
    raw.send(subscribe(String(nth), '{ blockedUsers { totalCount } }'));
    raw.send({ id: String(nth), type: 'complete' });
  }
  raw.send(subscribe('one more', '{ __typename }'));
  const { payload } = await raw.message(({ id }) => id === 'one more');
  expect(payload).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
  await release();
  await vi.waitFor(async () => {
    const again = `again ${performance.now()}`;
    raw.send(subscribe(again, '{ __typename }'));
    expect((await raw.message(({ id }) => id === again)).type).toBe('next');
  }, 10_000);
});

describe('a message that no client sends', () => {
  it.each([
    ['next', { id: 'a', type: 'next', payload: {} }],
    ['error', { id: 'a', type: 'error', payload: [{ message: 'x' }] }],
    ['connection_ack', { type: 'connection_ack' }],
    ['an unknown one', { type: 'stop' }],
  ])('%s closes with 4400', async (_name, message) => {
    const raw = await signedIn();
    raw.send(message);
    expect((await raw.closed).code).toBe(4400);
  });

  it('a ping too deep to be answered closes with 4400', async () => {
    const raw = await openRawSocket(url);
    raw.socket.send(`{"type":"ping","payload":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`);
    // Node 26 writes JSON of any depth, and answers.
    const writesAnyDepth = Number(process.versions.node.split('.')[0]) >= 26;
    if (writesAnyDepth) await raw.message(({ type }) => type === 'pong');
    else expect((await raw.closed).code).toBe(4400);
  });

  it('leaves no line in the log above debug', () => {
    expect(lines.filter(({ level }) => level > 20)).toEqual([]);
  });
});

/** Time that runs ten times as fast: a minute without a sign of life takes six seconds. */
const FAST: Clock = {
  ...systemClock,
  now: () => systemClock.now(),
  monotonic: () => performance.now() * 10,
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs / 10, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

describe('a client that sends and never reads', () => {
  const LONG = 'x'.repeat(2_000);
  const QUERY = `{ ${Array.from({ length: 95 }, (_, nth) => `${LONG}${nth}: __typename`).join(' ')} }`;

  it.each([
    // 80 MB of answers: Linux takes up to 38 MB for a socket that nobody reads (tcp_rmem and tcp_wmem).
    ['pings', (nth: number) => ({ type: 'ping', payload: { nth, text: 'x'.repeat(8_000) } }), 10_000],
    ['queries with long answers', (nth: number) => subscribe(String(nth), QUERY), 400],
  ])(
    '%s is not read from while 64 KiB wait for it, and is closed in the end',
    { timeout: 60_000 },
    async (_name, message, count) => {
      const own = await startTestCluster(1, {}, { clock: FAST });
      onTestFinished(() => own.close());
      const address = own.urls[0] as string;
      const raw = await openRawSocket(address);
      await raw.init(null);
      raw.socket.pause();
      for (let nth = 0; nth < count; nth++) {
        raw.send(message(nth));
        // The server is in this process and needs its turn.
        if (nth % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      const connections = () => metric(address, 'nearby_connections');
      await vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: 30_000, interval: 100 });
      expect(await metric(address, 'nearby_drops_total{cause="slow reader"}')).toBe(1);
      raw.socket.resume();
      expect((await raw.closed).code).toBe(1006);
    },
  );

  it('gets all answers when it reads, also when it asks for far more than is kept for it', async () => {
    const raw = await openRawSocket(url);
    await raw.init(null);
    for (let nth = 0; nth < 20_000; nth++)
      raw.send({ type: 'ping', payload: { nth, text: 'x'.repeat(100) } });
    await raw.message(({ type, payload }) => type === 'pong' && (payload as { nth: number }).nth === 19_999);
    expect(
      raw.messages.map(({ payload }) => (payload as { nth?: number } | undefined)?.nth).slice(1),
    ).toEqual(Array.from({ length: 20_000 }, (_, nth) => nth));
    raw.socket.close();
  });
});

describe('an event stream', () => {
  const open = (address: string, token: string, body: object): Promise<Socket> => {
    const { hostname, port, host } = new URL(address);
    const socket = connect(Number(port), hostname);
    const text = JSON.stringify(body);
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n` +
        `Authorization: Bearer ${token}\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    );
    socket.on('error', () => undefined);
    return once(socket, 'data').then(() => socket);
  };

  it(
    'that nobody reads is cut when nothing could be written for a minute, and others go on',
    { timeout: 60_000 },
    async () => {
      const own = await startTestCluster(1, {}, { clock: FAST });
      onTestFinished(() => own.close());
      const address = own.urls[0] as string;
      const [cid, dan] = await signUpFriends(address);
      const long = 'x'.repeat(2_000);
      const aliases = Array.from({ length: 95 }, (_, nth) => `${long}${nth}: snapshot`).join(' ');
      const unread = await open(address, cid.token, {
        query: `subscription { nearbyFriends { ${aliases} } }`,
      });
      unread.pause();
      const reading = follow(address, cid);
      await reading.next();
      await vi.waitFor(
        async () => {
          await move(address, dan, { ...HERE, latitude: HERE.latitude + Math.random() / 1_000 });
          await move(address, cid, { ...HERE, latitude: HERE.latitude + Math.random() / 1_000 });
          expect(await metric(address, 'nearby_drops_total{cause="slow reader"}')).toBe(1);
        },
        { timeout: 30_000, interval: 5 },
      );
      expect(await metric(address, 'nearby_subscriptions')).toBe(1);
      await move(address, cid, HERE);
      await reading.until(({ frames }) => frames.at(-1)?.origin?.latitude === HERE.latitude);
      unread.resume();
      await once(unread, 'close');
    },
  );

  it.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])(
    'as %s whose client leaves before it is open, or takes no stream, leaves nothing',
    async (type) => {
      const { token } = ann;
      const body = JSON.stringify({ query: NEARBY_FRIENDS });
      for (let nth = 0; nth < 30; nth++) {
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
        const accept = nth % 3 === 0 ? 'application/json' : type;
        const signal = AbortSignal.timeout(nth % 3 === 1 ? nth : 200);
        await fetch(`${url}/graphql`, { method: 'POST', headers: { ...headers, accept }, body, signal })
          .then((response) => response.text())
          .catch(() => undefined);
      }
      await expectNothingLeft();
    },
  );
});

describe('an upgrade', () => {
  it.each([
    ['over HTTP/1.0', 'HTTP/1.0', 'Host: localhost\r\n'],
    ['without Host', 'HTTP/1.1', ''],
    ['with an empty Host', 'HTTP/1.1', 'Host:\r\n'],
  ])('%s is refused with 400', async (_name, version, host) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET /graphql ${version}\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    );
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toMatch(/^HTTP\/1.1 400 /);
    await once(socket, 'close');
  });
});

describe('a document', () => {
  it.each([
    ['that skips its root', 'subscription { nearbyFriends @skip(if: true) { snapshot } }'],
    [
      'that may not include its root',
      'subscription ($x: Boolean = true) { nearbyFriends @include(if: $x) { snapshot } }',
    ],
    ['that skips the fragment of its root', 'subscription { ... @skip(if: true) { friendRequests { id } } }'],
    [
      'that skips its root in a fragment',
      'subscription { ...F } fragment F on Subscription { ...G @skip(if: true) } fragment G on Subscription { friendRequests { id } }',
    ],
  ])(
    '%s is GRAPHQL_VALIDATION_FAILED over HTTP, as an event stream and over a socket',
    async (_name, query) => {
      const codes = [];
      for (const accept of ['application/json', 'text/event-stream']) {
        for (const token of [null, ann.token]) {
          const response = await fetch(`${url}/graphql`, {
            method: 'POST',
            headers: {
              accept,
              'content-type': 'application/json',
              ...(token && { authorization: `Bearer ${token}` }),
            },
            body: JSON.stringify({ query }),
          });
          codes.push(/"code":"(\w+)"/.exec(await response.text())?.[1]);
        }
      }
      const raw = await signedIn();
      raw.send(subscribe('a', query));
      const { type, payload } = await raw.message(({ id }) => id === 'a');
      expect(type).toBe('error');
      codes.push((payload as { extensions: { code: string } }[])[0]?.extensions.code);
      expect(codes).toEqual(Array.from({ length: 5 }, () => 'GRAPHQL_VALIDATION_FAILED'));
    },
  );

  it('that is nested too deeply to be parsed is GRAPHQL_PARSE_FAILED', async () => {
    const query = `{ user(handle: ${'['.repeat(990)}${']'.repeat(990)}) { id } }`;
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    expect(await response.text()).toMatch(/GRAPHQL_(PARSE|VALIDATION)_FAILED/);
  });

  it('whose fields are called "then" is answered over HTTP as over a socket', async () => {
    const query = '{ then: me { then: handle catch: id } }';
    const data = { then: { then: ann.handle, catch: ann.id } };
    expect(await ask(url, ann.token, query)).toEqual(data);
    const raw = await signedIn();
    raw.send(subscribe('a', query));
    expect((await raw.message(({ id }) => id === 'a')).payload).toEqual({ data });
  });
});
