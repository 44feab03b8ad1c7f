/**
 * Whatever happens to a server, no client is left behind: sockets close with codes after which graphql-ws clients come
 * back (its `isFatalInternalCloseCode` and the 4xxx that it takes for final are the others), and the lists go on.
 */
import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { freePort } from '../../src/embedded/free-port.js';
import { move, signUp, signUpFriends, type TestUser } from '../support/api.js';
import { openAppSocket } from '../support/app-socket.js';
import { followNearby, type NearbyList } from '../support/nearby-list.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { type ServerProgram, startServer } from '../support/server-program.js';
import { startWire, type Wire } from '../support/wire.js';

const ABNORMAL = 1006;
const SERVICE_RESTART = 1012;
const TRY_AGAIN_LATER = 1013;
const COME_BACK = [ABNORMAL, SERVICE_RESTART, TRY_AGAIN_LATER];
const HERE = { latitude: 60.17, longitude: 24.94 };
const THERE = { latitude: 60.18, longitude: 24.94 };
/** A server that starts on a busy machine, and the longest wait of a client. */
const BACK = { timeout: 30_000, interval: 100 };

vi.setConfig({ testTimeout: 90_000 });

let database: TestDatabase;
let redis: TestRedis;
/** Between the server and PostgreSQL. */
let wire: Wire;

beforeEach(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  wire = await startWire(database.url);
});

afterEach(async () => {
  await wire.close();
  await redis.close();
  await database.drop();
});

interface Scene {
  readonly server: ServerProgram;
  readonly url: string;
  readonly ann: TestUser;
  /** A list of whomever, over a socket of its own. */
  openList(user: TestUser): NearbyList;
  /** The codes with which those sockets closed, those that could not be opened included. */
  readonly codes: number[];
  /** Another server at the same address, when this one has ended. */
  restart(): Promise<void>;
}

interface Event {
  readonly name: string;
  readonly settings?: Record<string, string>;
  /** A code that some client sees; null when no socket closes. */
  readonly code: number | null;
  /** Resolves when a server is there again that can do everything. */
  happen(scene: Scene): Promise<void>;
}

async function untilStatus(url: string, status: number): Promise<void> {
  await vi.waitFor(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(status), BACK);
}

const EVENTS: readonly Event[] = [
  {
    name: 'a drain',
    settings: { DRAIN_SECONDS: '1' },
    code: SERVICE_RESTART,
    async happen({ server, restart }) {
      server.child.kill('SIGTERM');
      await restart();
    },
  },
  {
    name: 'a drain that is hastened',
    settings: { DRAIN_SECONDS: '600' },
    code: SERVICE_RESTART,
    async happen({ server, url, restart }) {
      server.child.kill('SIGTERM');
      await untilStatus(url, 503);
      server.child.kill('SIGTERM');
      await restart();
    },
  },
  {
    name: 'a drain that cuts who does not read, and what is not answered',
    code: SERVICE_RESTART,
    async happen({ server, url, ann, codes, restart }) {
      const locker = new pg.Client({ connectionString: database.url });
      await locker.connect();
      await locker.query('BEGIN; LOCK TABLE location_history IN ACCESS EXCLUSIVE MODE');
      const [deaf, asking] = await Promise.all([openRawSocket(url), openRawSocket(url)]);
      await Promise.all([deaf.init(ann.token), asking.init(ann.token)]);
      deaf.socket.pause();
      const query = '{ locationHistory { edges { cursor } } }';
      asking.send({ id: '1', type: 'subscribe', payload: { query } });
      await vi.waitFor(async () => {
        const { rows } = await locker.query(
          "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'relation'",
        );
        expect(rows).toHaveLength(1);
      }, BACK);
      server.child.kill('SIGTERM');
      await server.ended;
      await locker.end();
      deaf.socket.resume();
      for (const { closed } of [deaf, asking]) codes.push((await closed).code);
      await restart();
    },
  },
  {
    name: 'kill -9',
    code: ABNORMAL,
    async happen({ server, restart }) {
      server.child.kill('SIGKILL');
      await restart();
    },
  },
  {
    name: 'a Redis that is away and comes back empty',
    code: null,
    async happen({ url, ann, openList }) {
      await redis.kill9();
      await untilStatus(url, 503);
      openList(ann);
      await redis.restart();
      await untilStatus(url, 200);
    },
  },
  {
    name: 'a Redis that hangs',
    code: null,
    async happen({ url, ann, openList }) {
      redis.signal('SIGSTOP');
      openList(ann);
      await untilStatus(url, 503);
      redis.signal('SIGCONT');
      await untilStatus(url, 200);
    },
  },
  {
    name: 'a PostgreSQL that is away, for somebody whom the server has not seen yet',
    code: TRY_AGAIN_LATER,
    async happen({ url, openList, codes }) {
      const carol = await signUp(url);
      wire.cut();
      openList(carol);
      await vi.waitFor(() => expect(codes.length).toBeGreaterThan(1), BACK);
      wire.mend();
      await untilStatus(url, 200);
    },
  },
  {
    name: 'a PostgreSQL that hangs',
    code: null,
    async happen({ url, ann, openList }) {
      wire.stall();
      openList(ann);
      await untilStatus(url, 503);
      wire.mend();
      await untilStatus(url, 200);
    },
  },
];

test.each(EVENTS)('$name leaves no client behind', async ({ settings, code, happen }) => {
  const throughWire = new URL(database.url);
  throughWire.port = new URL(wire.url).port;
  const address = { PORT: String(await freePort()), DATABASE_URL: throughWire.href, REDIS_URL: redis.url };
  const server = startServer({ ...address, ...settings });
  const url = await server.url;
  const [ann, bob] = await signUpFriends(url);
  await Promise.all([move(url, ann, HERE), move(url, bob, HERE)]);
  const codes: number[] = [];
  const lists: NearbyList[] = [];
  const openList = (user: TestUser): NearbyList => {
    const client = openAppSocket(url, user.token);
    client.on('closed', (event) => codes.push((event as CloseEvent).code));
    const list = followNearby(client);
    lists.push(list);
    return list;
  };
  const ofAnn = [openList(ann), openList(ann), openList(ann)];
  await Promise.all(ofAnn.map((list) => list.until(({ entries }) => entries.has(bob.id))));

  const restart = async (): Promise<void> => {
    await server.ended;
    await startServer(address).url;
  };
  await happen({ server, url, ann, codes, openList, restart });
  await move(url, bob, THERE);
  for (const list of ofAnn) {
    const shows = () => list.entries.get(bob.id)?.location.latitude === THERE.latitude;
    await list.until(shows, BACK.timeout);
  }
  for (const list of lists) await list.until(({ frames }) => frames.length > 0, BACK.timeout);
  if (code === null) expect(codes).toEqual([]);
  else expect(codes).toContain(code);
  expect(codes.filter((each) => !COME_BACK.includes(each))).toEqual([]);
});
