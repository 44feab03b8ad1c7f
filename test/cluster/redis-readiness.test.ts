/** /health/ready says whether the work can be done, not whether there are connections. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/log.js';
import { metric, move, signUpFriends } from '../support/api.js';
import { fastClock } from '../support/fake-clock.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { startTestRedisCluster } from '../support/redis-cluster.js';
import { startTcpProxy } from '../support/tcp-proxy.js';

/** A try a second becomes four, and everything else that the server waits for is as much shorter. */
const SPEED = 4;
const NOTICED = { timeout: 5_000, interval: 20 };
const HERE = { latitude: 59.33, longitude: 18.07 };

let cluster: TestCluster;

const status = async (): Promise<number> => (await fetch(`${cluster.urls[0]}/health/ready`)).status;
const becomes = (expected: number): Promise<void> =>
  vi.waitFor(async () => expect(await status()).toBe(expected), NOTICED);

describe('ready is 503 while Redis does not do its work, and 200 when it does again', () => {
  let redis: TestRedis;
  let admin: Redis;
  const written: string[] = [];

  beforeEach(async () => {
    redis = await startTestRedis();
    admin = new Redis(redis.url);
    await admin.acl('SETUSER', 'app', 'on', '>secret', 'resetchannels', '~nearby:*', '&nearby:*', '+@all');
    const log = createLogger('warn', { write: (line) => void written.push(line) });
    const redisUrl = `redis://app:secret@127.0.0.1:${redis.port}`;
    cluster = await startTestCluster(1, { redisUrl }, { log, clock: fastClock(SPEED) });
    written.length = 0;
  });
  afterEach(async () => {
    admin.disconnect();
    await cluster.close();
    await redis.close();
  });

  test('a user who loses a right, and gets it back', async () => {
    await becomes(200);
    for (const right of ['evalsha', 'subscribe']) {
      await admin.acl('SETUSER', 'app', `-${right}`);
      await becomes(503);
      await admin.acl('SETUSER', 'app', `+${right}`);
      await becomes(200);
    }
    await admin.acl('SETUSER', 'app', 'resetchannels');
    await becomes(503);
    await admin.acl('SETUSER', 'app', '&nearby:*');
    await becomes(200);
    await admin.acl('SETUSER', 'app', 'resetkeys');
    await becomes(503);
  });

  test('a replica, also one without its master', async () => {
    await admin.replicaof('127.0.0.1', 1);
    await becomes(503);
    await admin.config('SET', 'replica-serve-stale-data', 'no');
    await becomes(503);
    await admin.replicaof('NO', 'ONE');
    await becomes(200);
  });

  test('out of memory; an update that friends are not told is logged and counted, without a place', async () => {
    const [ann] = await signUpFriends(cluster.urls[0] as string);
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    await admin.config('SET', 'maxmemory', '1');
    await becomes(503);
    expect(await move(cluster.urls[0] as string, ann, HERE)).toMatchObject({ recorded: true });
    const failures = 'nearby_dependency_failures_total{cause="live update"}';
    expect(await metric(cluster.urls[0] as string, failures)).toBe(1);
    const lines = written.filter((line) => line.includes('"live update"'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('OOM');
    expect(written.join('')).not.toMatch(/59\.33|18\.07/);
    await admin.config('SET', 'maxmemory', '0');
    await becomes(200);
    await vi.waitFor(async () => {
      const record = await admin.get(cluster.names.locationKey(ann.id));
      expect(record).toContain('59.33');
    }, NOTICED);
  });
});

test('a server on a Redis Cluster is ready while one master works', async () => {
  const redis = await startTestRedisCluster({ replicas: 0 });
  const limit = (bytes: number, nodes = redis.members): Promise<unknown> =>
    Promise.all(nodes.map(({ commands }) => commands.config('SET', 'maxmemory', bytes)));
  const written: string[] = [];
  const log = createLogger('warn', { write: (line) => void written.push(line) });
  try {
    const overrides = { log, clock: fastClock(SPEED) };
    cluster = await startTestCluster(1, { redisClusterNodes: redis.urls }, overrides);
    await becomes(200);
    await limit(1, redis.members.slice(0, 2));
    await vi.waitFor(() => expect(written.filter((line) => line.includes('OOM'))).toHaveLength(2), NOTICED);
    expect(await status()).toBe(200);
    await limit(1);
    await becomes(503);
    await limit(0);
    await becomes(200);
  } finally {
    await cluster.close();
    await redis.close();
  }
});

test('ready is 503 while Redis is loading its data', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nearby-friends-loading-'));
  // A snapshot of 100 keys, each of which takes 10 ms.
  const redis = await startTestRedis({
    password: 'secret',
    settings: [
      `dir ${dir}`,
      'rdbcompression no',
      'key-load-delay 10000',
      'loading-process-events-interval-bytes 1024',
    ],
  });
  const admin = new Redis(redis.url, { enableReadyCheck: false });
  admin.on('error', () => undefined);
  try {
    for (let key = 0; key < 100; key++) await admin.set(`key:${key}`, 'x'.repeat(200));
    cluster = await startTestCluster(1, { redisUrl: redis.url }, { clock: fastClock(SPEED) });
    await becomes(200);
    await admin.save();
    await redis.kill9();
    await becomes(503);
    const restarted = redis.restart();
    const seen = new Set<string>();
    const watching = vi.waitFor(async () => {
      const answer = await admin.get('nearby').catch((error: unknown) => String(error));
      seen.add(String(answer));
      if (String(answer).includes('LOADING')) expect(await status()).toBe(503);
      expect(answer).toBe(null);
    }, NOTICED);
    await Promise.all([restarted, watching]);
    expect([...seen].join()).toContain('LOADING');
    await becomes(200);
  } finally {
    admin.disconnect();
    await cluster.close();
    await redis.close();
    await rm(dir, { recursive: true, force: true });
  }
});

test('a proxy that closes idle connections does not make an idle server unready', async () => {
  const redis = await startTestRedis();
  // Twice as fast, for a proxy that waits half as long as usual.
  const clock = fastClock(2);
  const proxy = await startTcpProxy(redis.port, 1_250);
  try {
    const url = new URL(redis.url);
    url.port = String(proxy.port);
    cluster = await startTestCluster(1, { redisUrl: url.href }, { clock });
    const answers: number[] = [];
    const untilMs = performance.now() + 2_000;
    await becomes(200);
    while (performance.now() < untilMs) answers.push(await status());
    expect(answers.filter((answer) => answer !== 200)).toEqual([]);
    expect(answers.length).toBeGreaterThan(100);
  } finally {
    proxy.close();
    await cluster.close();
    await redis.close();
  }
});
