/**
 * A failover behind one address, as managed Redis do it: a replica is promoted, the old master becomes a replica of it,
 * new connections lead to the new master, and nobody cuts the old ones.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/log.js';
import { type Node, startNode } from '../../src/node.js';
import { act, connectForTest, move, signUpFriends, type TestUser } from '../support/api.js';
import { follow, followNearby } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { travel } from '../support/sphere.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const east = (meters: number) => travel(HERE, 90, meters);
const HEALED_MS = 5_000;

let folder: string;
let before: TestRedis;
let after: TestRedis;
let adminOfBefore: Redis;
let adminOfAfter: Redis;
let proxy: TcpProxy;
let cluster: TestCluster;
/** A server of the same deployment that is on the new master from the beginning. */
let ahead: Node;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nearby-friends-failover-'));
  const settings = [`dir ${folder}`, 'masterauth secret', 'repl-diskless-sync-delay 0'];
  const options = { password: 'secret', settings };
  [before, after] = [await startTestRedis(options), await startTestRedis(options)];
  [adminOfBefore, adminOfAfter] = [new Redis(before.url), new Redis(after.url)];
  proxy = await startTcpProxy(before.port);
  cluster = await startTestCluster(2, { redisUrl: `redis://:secret@127.0.0.1:${proxy.port}` });
  ahead = await startNode(
    { ...cluster.config, port: 0, redisUrl: after.url },
    { log: createLogger('silent') },
  );
});

afterEach(async () => {
  await ahead.close();
  await cluster.close();
  proxy.close();
  for (const admin of [adminOfBefore, adminOfAfter]) admin.disconnect();
  for (const redis of [before, after]) await redis.close();
  // A replica keeps what it got from its master.
  await rm(folder, { recursive: true, force: true });
});

const server = (index: number): string => cluster.urls[index] as string;

async function failOver(): Promise<void> {
  await adminOfBefore.replicaof('127.0.0.1', after.port);
  proxy.target = after.port;
}

/** Connections of clients, the administrator's own among them. */
const connections = async (admin: Redis): Promise<number> =>
  ((await admin.client('LIST')) as string).split('\n').filter((line) => / flags=[NP] /.test(line)).length;

async function near(): Promise<[TestUser, TestUser]> {
  const [ann, bob] = await signUpFriends(server(0));
  await move(server(0), ann, HERE);
  await move(server(1), bob, east(100));
  return [ann, bob];
}

test('servers are not ready until they are on the new master, and heal within five seconds', async () => {
  const [ann, bob] = await near();
  const list = follow(server(0), ann);
  await list.until(({ entries }) => entries.has(bob.id));
  await adminOfBefore.replicaof('127.0.0.1', after.port);
  for (const url of cluster.urls) {
    await vi.waitFor(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(503), {
      timeout: HEALED_MS,
      interval: 20,
    });
  }
  expect(await move(server(1), bob, east(200))).toMatchObject({ recorded: true });
  proxy.target = after.port;
  const movedAt = performance.now();
  await list.until(
    ({ entries }) => Math.abs((entries.get(bob.id)?.distanceMeters ?? 0) - 200) < 1,
    HEALED_MS,
  );
  for (const url of cluster.urls) {
    await vi.waitFor(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200), {
      timeout: HEALED_MS,
      interval: 20,
    });
  }
  expect(performance.now() - movedAt).toBeLessThan(HEALED_MS);
  expect(await adminOfAfter.exists(cluster.names.locationKey(bob.id))).toBe(1);
  expect(await connections(adminOfBefore)).toBe(1);
});

test('commands and subscriptions that lead to two masters meet again on the new one', async () => {
  const [ann, bob] = await near();
  await move(ahead.url, ann, HERE);
  const list = follow(ahead.url, ann);
  await list.next();
  proxy.target = after.port;
  await adminOfBefore.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await vi.waitFor(async () => {
    for (const [index, url] of cluster.urls.entries()) {
      const meters = 200 + 100 * index + Math.random();
      await move(url, bob, east(meters));
      await list.until(
        ({ entries }) => Math.abs((entries.get(bob.id)?.distanceMeters ?? 0) - meters) < 1,
        200,
      );
      expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    }
  }, 2 * HEALED_MS);
  expect(await connections(adminOfBefore)).toBe(1);
});

test('who is not a friend any more is not shown, and a session that ended is closed, by a server on the new master', async () => {
  const [ann, bob] = await near();
  await move(ahead.url, ann, HERE);
  await move(ahead.url, bob, east(100));
  const list = follow(ahead.url, ann);
  await list.until(({ entries }) => entries.has(bob.id));
  const bobs = connectForTest(ahead.url, bob.token);
  const ended = new Promise((resolve) => bobs.on('closed', resolve));
  const bobsList = followNearby(bobs);
  await bobsList.next();

  await failOver();
  expect(await act(server(0), ann, `removeFriend(userId: "${bob.id}")`)).toBe(true);
  expect(await act(server(1), bob, 'signOut')).toBe(true);

  await list.until(({ entries }) => !entries.has(bob.id), HEALED_MS);
  expect(await ended).toMatchObject({ code: 4403 });
  await vi.waitFor(async () => expect(await outboxRows()).toBe(0), HEALED_MS);
});

async function outboxRows(): Promise<number> {
  const client = new pg.Client({ connectionString: cluster.database.url });
  await client.connect();
  const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM outbox_notices');
  await client.end();
  return rows[0]?.count ?? -1;
}
