/** How the process leaves: what is promised of SIGTERM holds whatever clients, PostgreSQL and Redis do meanwhile. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  act,
  connectForTest,
  metric,
  move,
  requestOverSocket,
  signUp,
  signUpFriends,
  type TestUser,
  UPDATE_LOCATION,
  type UpdateAnswer,
} from '../support/api.js';
import { follow, NEARBY_FRIENDS } from '../support/nearby-list.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { openRawSocket, rawSocket, type RawSocket } from '../support/raw-socket.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { type ServerProgram, startServer } from '../support/server-program.js';
import { startWire } from '../support/wire.js';

const SERVICE_RESTART = 1012;
/** The most that leaving takes beyond DRAIN_SECONDS. */
const GRACE_MS = 10_000;
const HERE = { latitude: 52.23, longitude: 21.01 };

// Of which a busy machine takes most to start the server.
vi.setConfig({ testTimeout: 60_000 });

let database: TestDatabase;
let redis: TestRedis;

beforeEach(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
});

afterEach(async () => {
  await redis.close();
  await database.drop();
});

async function oneServer(
  drainSeconds: number,
  settings: Record<string, string> = {},
): Promise<{ server: ServerProgram; url: string }> {
  const server = startServer({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    DRAIN_SECONDS: String(drainSeconds),
    ...settings,
  });
  return { server, url: await server.url };
}

/** Sends the signal; the returned function tells how long ago that was, milliseconds. */
function terminate(server: ServerProgram): () => number {
  const startedAt = performance.now();
  server.child.kill('SIGTERM');
  return () => performance.now() - startedAt;
}

const statusOf = async (url: string): Promise<number> =>
  (await fetch(url, { headers: { connection: 'close' } })).status;

/** What an upgrade is answered with. */
async function upgradeStatus(url: string): Promise<number | undefined> {
  const { socket } = rawSocket(url);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
  socket.terminate();
  return response.statusCode;
}

async function openSockets(url: string, user: TestUser, count: number): Promise<RawSocket[]> {
  const sockets = await Promise.all(Array.from({ length: count }, () => openRawSocket(url)));
  await Promise.all(sockets.map((raw) => raw.init(user.token)));
  return sockets;
}

describe('behind a load balancer', () => {
  test('readiness ends at once, sockets close in waves, requests are answered to the end', async () => {
    const { server, url } = await oneServer(2);
    expect(await statusOf(`${url}/health/ready`)).toBe(200);
    const user = await signUp(url);
    const sockets = await openSockets(url, user, 16);
    const elapsed = terminate(server);
    const closedAt: number[] = [];
    const codes = Promise.all(
      sockets.map(async ({ closed }) => {
        const { code } = await closed;
        closedAt.push(elapsed());
        return code;
      }),
    );
    await vi.waitFor(async () => expect(await statusOf(`${url}/health/ready`)).toBe(503), { interval: 10 });
    expect(elapsed()).toBeLessThan(1_000);
    expect(await statusOf(`${url}/health/live`)).toBe(200);
    expect(await upgradeStatus(url)).toBe(503);
    let answered = 0;
    for (; elapsed() < 1_900; answered++) {
      expect(await move(url, user, HERE)).toMatchObject({ recorded: true });
    }
    expect(answered).toBeGreaterThan(3);
    expect((await server.ended).status).toBe(0);
    expect(elapsed()).toBeLessThan(4_000);
    expect(new Set(await codes)).toEqual(new Set([SERVICE_RESTART]));
    expect(closedAt.filter((ms) => ms < 1_000).length).toBeGreaterThan(4);
    expect(closedAt.filter((ms) => ms > 1_000).length).toBeGreaterThan(4);
  });

  test('a server without sockets goes on answering too, for nobody may have noticed yet', async () => {
    const { server, url } = await oneServer(3);
    const user = await signUp(url);
    expect(await statusOf(`${url}/health/ready`)).toBe(200);
    const elapsed = terminate(server);
    while (elapsed() < 2_000) expect(await move(url, user, HERE)).toMatchObject({ recorded: true });
    expect(await statusOf(`${url}/health/ready`)).toBe(503);
    expect((await server.ended).status).toBe(0);
  });
});

test('where nobody asks for readiness it ends with its last socket', async () => {
  const { server, url } = await oneServer(600);
  const user = await signUp(url);
  const [raw] = (await openSockets(url, user, 1)) as [RawSocket];
  const elapsed = terminate(server);
  expect((await raw.closed).code).toBe(SERVICE_RESTART);
  expect((await server.ended).status).toBe(0);
  expect(elapsed()).toBeLessThan(3_000);
});

test('a second SIGTERM hastens it', async () => {
  const { server, url } = await oneServer(600);
  const user = await signUp(url);
  const sockets = await openSockets(url, user, 5);
  expect(await statusOf(`${url}/health/ready`)).toBe(200);
  terminate(server);
  await vi.waitFor(async () => expect(await statusOf(`${url}/health/ready`)).toBe(503), { timeout: 10_000 });
  const elapsed = terminate(server);
  for (const { closed } of sockets) expect((await closed).code).toBe(SERVICE_RESTART);
  expect((await server.ended).status).toBe(0);
  expect(elapsed()).toBeLessThan(3_000);
});

test('one Ctrl-C that arrives twice, from the terminal and from npm, does not hasten it', async () => {
  const { server, url } = await oneServer(2);
  const user = await signUp(url);
  const sockets = await openSockets(url, user, 5);
  expect(await statusOf(`${url}/health/ready`)).toBe(200);
  const startedAt = performance.now();
  server.child.kill('SIGINT');
  await vi.waitFor(async () => expect(await statusOf(`${url}/health/ready`)).toBe(503), { interval: 10 });
  server.child.kill('SIGINT');
  for (const { closed } of sockets) expect((await closed).code).toBe(SERVICE_RESTART);
  expect((await server.ended).status).toBe(0);
  expect(performance.now() - startedAt).toBeGreaterThan(2_000);
});

type Send = (url: string, user: TestUser) => Promise<UpdateAnswer['updateLocation'] | undefined>;

describe.each<[string, Send]>([
  ['HTTP', (url, user) => move(url, user, HERE)],
  [
    'a socket',
    async (url, user) => {
      const client = connectForTest(url, user.token);
      return (await requestOverSocket<UpdateAnswer>(client, UPDATE_LOCATION, { input: HERE })).data
        ?.updateLocation;
    },
  ],
])('an update under way over %s that waits for its commit', (_name, send) => {
  test.each([
    ['is answered when it is committed', 500, true],
    ['is answered after its 2 s, and written before the end', 2_300, false],
  ])('%s', async (_outcome, heldMs, recorded) => {
    const { server, url } = await oneServer(0);
    const user = await signUp(url);
    const locker = new pg.Client({ connectionString: database.url });
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE location_history IN ACCESS EXCLUSIVE MODE');
    const answer = send(url, user);
    await vi.waitFor(
      async () => {
        const { rows } = await locker.query<{ waiting: number }>(
          "SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted AND relation = 'location_history'::regclass",
        );
        expect(rows[0]?.waiting).toBe(1);
      },
      { timeout: 10_000 },
    );
    terminate(server);
    const released = new Promise((resolve) => setTimeout(resolve, heldMs)).then(() => locker.query('COMMIT'));
    expect(await answer).toMatchObject({ recorded });
    await released;
    expect((await server.ended).status).toBe(0);
    const { rows } = await locker.query('SELECT latitude, longitude FROM location_history');
    await locker.end();
    expect(rows).toEqual([HERE]);
  });
});

/** With 95 fields of such names an answer has some 190 kB: the buffers of the two systems hold a few dozen of them. */
const LONG = 'x'.repeat(2_000);
const HEAVY = `subscription { nearbyFriends { origin { latitude }
  ${Array.from({ length: 95 }, (_, index) => `${LONG}${index}: snapshot`).join(' ')} } }`;

test('clients that read nothing, or never finish what they ask, are cut in time', async () => {
  const { server, url } = await oneServer(1, { FRAME_INTERVAL_MS: '0' });
  const [ann, bob] = await signUpFriends(url);
  await Promise.all([move(url, ann, HERE), move(url, bob, HERE)]);
  const deaf = await openRawSocket(url);
  await deaf.init(ann.token);
  deaf.send({ id: 'heavy', type: 'subscribe', payload: { query: HEAVY } });
  await deaf.message(({ type }) => type === 'next');
  deaf.socket.pause();
  // The receive window is full, and so are the buffers, when moves are no longer written.
  for (let step = 1; (await metric(url, 'nearby_frame_bytes_count')) > step - 5; step++) {
    await move(url, bob, { ...HERE, latitude: HERE.latitude + step * 1e-6 });
  }
  const { hostname, port } = new URL(url);
  const unfinished = connectTcp(Number(port), hostname);
  unfinished.on('error', () => undefined);
  await once(unfinished, 'connect');
  unfinished.write(
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
  );
  expect(await statusOf(`${url}/health/ready`)).toBe(200);
  const list = follow(url, ann);
  await list.next();

  const elapsed = terminate(server);
  expect(await list.ended).toMatchObject({ code: SERVICE_RESTART });
  expect(await server.ended).toMatchObject({ status: 0 });
  expect(elapsed()).toBeLessThan(1_000 + GRACE_MS);
  deaf.socket.resume();
  expect([1006, SERVICE_RESTART]).toContain((await deaf.closed).code);
});

describe('it ends in time and with status 0', () => {
  test('when PostgreSQL does not answer any more', async () => {
    const wire = await startWire(database.url);
    onTestFinished(() => wire.close());
    const throughWire = new URL(database.url);
    throughWire.port = new URL(wire.url).port;
    const { server, url } = await oneServer(1, { DATABASE_URL: throughWire.href });
    const [ann, bob] = await signUpFriends(url);
    const list = follow(url, ann);
    await list.next();
    const client = connectForTest(url, bob.token);
    await requestOverSocket(client, '{ me { id } }');
    wire.stall();
    expect(await statusOf(`${url}/health/ready`)).toBe(503);
    const asked = act(url, ann, 'signOut').catch(() => null);
    const held = requestOverSocket<UpdateAnswer>(client, UPDATE_LOCATION, { input: HERE });
    await vi.waitFor(async () => expect(await metric(url, 'nearby_history_rows_held')).toBe(1), 5_000);

    const elapsed = terminate(server);
    expect((await held).data?.updateLocation.recorded).toBe(false);
    expect(await list.ended).toMatchObject({ code: SERVICE_RESTART });
    expect((await server.ended).status).toBe(0);
    expect(elapsed()).toBeLessThan(1_000 + GRACE_MS);
    expect(await asked).toBeNull();
  });

  test('when Redis does not answer any more', async () => {
    const { server, url } = await oneServer(1);
    const [ann, bob] = await signUpFriends(url);
    const raw = await openRawSocket(url);
    await raw.init(ann.token);
    raw.send({ id: '1', type: 'subscribe', payload: { query: NEARBY_FRIENDS } });
    await raw.message(({ type }) => type === 'next');
    redis.signal('SIGSTOP');
    const answer = move(url, bob, HERE);
    const elapsed = terminate(server);
    expect(await answer).toMatchObject({ recorded: true });
    expect((await raw.closed).code).toBe(SERVICE_RESTART);
    expect((await server.ended).status).toBe(0);
    expect(elapsed()).toBeLessThan(1_000 + GRACE_MS);
    redis.signal('SIGCONT');
  });
});
