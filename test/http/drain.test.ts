import pg from 'pg';
import { expect, it, onTestFinished, vi } from 'vitest';
import {
  connectForTest,
  move,
  requestOverSocket,
  signUp,
  type TestUser,
  UPDATE_LOCATION,
  type UpdateAnswer,
} from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { openRawSocket, rawSocket } from '../support/raw-socket.js';

const SERVICE_RESTART = 1012;
const HERE = { latitude: 35.68, longitude: 139.69 };

async function oneServer(drainSeconds: number): Promise<{ cluster: TestCluster; url: string }> {
  const cluster = await startTestCluster(1, { drainSeconds });
  onTestFinished(() => cluster.close());
  return { cluster, url: cluster.urls[0] as string };
}

const drain = (cluster: TestCluster): Promise<void> =>
  (cluster.nodes[0] as (typeof cluster.nodes)[0]).drain();
const statusOf = async (url: string): Promise<number> =>
  (await fetch(url, { headers: { connection: 'close' } })).status;

it('readiness ends at once, sockets close evenly with 1012, requests are still answered, then all is closed', async () => {
  const { cluster, url } = await oneServer(2);
  const user = await signUp(url);
  const sockets = await Promise.all(Array.from({ length: 12 }, () => openRawSocket(url)));
  await Promise.all(sockets.map((raw) => raw.init(user.token)));
  const closedAt: number[] = [];
  const startedAt = performance.now();
  const codes = Promise.all(
    sockets.map(async ({ closed }) => {
      const { code } = await closed;
      closedAt.push(performance.now() - startedAt);
      return code;
    }),
  );
  expect(await statusOf(`${url}/health/ready`)).toBe(200);
  const drained = drain(cluster);
  expect(await statusOf(`${url}/health/ready`)).toBe(503);
  expect(await statusOf(`${url}/health/live`)).toBe(200);
  const refused = rawSocket(url);
  expect((await refused.closed).code).toBe(1006);
  expect(await move(url, user, HERE)).toMatchObject({ recorded: true });
  expect(new Set(await codes)).toEqual(new Set([SERVICE_RESTART]));
  expect(closedAt.filter((ms) => ms < 1_000).length).toBeGreaterThan(2);
  expect(closedAt.filter((ms) => ms > 1_000).length).toBeGreaterThan(2);
  await drained;
  await expect(statusOf(`${url}/health/live`)).rejects.toThrow();
});

it('a second drain hastens the first', async () => {
  const { cluster, url } = await oneServer(600);
  const user = await signUp(url);
  const lists = Array.from({ length: 5 }, () => follow(url, user));
  await Promise.all(lists.map((list) => list.next()));
  const drained = drain(cluster);
  await vi.waitFor(async () => expect(await statusOf(`${url}/health/ready`)).toBe(503));
  const hastened = drain(cluster);
  for (const { ended } of lists) expect(await ended).toMatchObject({ code: SERVICE_RESTART });
  await Promise.all([drained, hastened]);
}, 15_000);

type Send = (url: string, user: TestUser) => Promise<{ readonly recorded: boolean } | undefined>;

it.each<[string, Send]>([
  ['HTTP', (url, user) => move(url, user, HERE)],
  [
    'a socket',
    async (url, user) => {
      const client = connectForTest(url, user.token);
      return (await requestOverSocket<UpdateAnswer>(client, UPDATE_LOCATION, { input: HERE })).data
        ?.updateLocation;
    },
  ],
])('a location update under way over %s is answered and written', async (_name, send) => {
  const { cluster, url } = await oneServer(0);
  const user = await signUp(url);
  const db = new pg.Client({ connectionString: cluster.database.url });
  await db.connect();
  await db.query('BEGIN; LOCK TABLE location_history IN ACCESS EXCLUSIVE MODE');
  const answer = send(url, user);
  await vi.waitFor(async () => {
    const { rows } = await db.query<{ waiting: number }>(
      "SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted AND relation = 'location_history'::regclass",
    );
    expect(rows[0]?.waiting).toBe(1);
  });
  const drained = drain(cluster);
  expect(await answer).toMatchObject({ recorded: false });
  await db.query('COMMIT');
  await drained;
  const { rows } = await db.query('SELECT latitude, longitude FROM location_history');
  expect(rows).toEqual([HERE]);
  await db.end();
});
