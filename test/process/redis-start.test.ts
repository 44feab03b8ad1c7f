/** What cannot work is said at the start, in one line and within ten seconds; what can work does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/embedded/free-port.js';
import { createTestDatabase } from '../support/postgres.js';
import { startTestRedis } from '../support/redis.js';
import { startTestRedisCluster } from '../support/redis-cluster.js';
import { refusal } from '../support/redis-refusal.js';
import { startServer } from '../support/server-program.js';

const IN_TIME_MS = 10_000;

async function inTime(env: Readonly<Record<string, string>>): Promise<string> {
  const startedAt = performance.now();
  const line = await refusal(env);
  expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
  expect(line).not.toContain('\n');
  return line;
}

/** A redis-server with arguments of its own. */
async function startRedis(...args: string[]): Promise<{ port: number; admin: Redis }> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-redis-start-'));
  await writeFile(join(folder, 'redis.conf'), '');
  const child = spawn('redis-server', [
    join(folder, 'redis.conf'),
    '--port',
    String(port),
    '--dir',
    folder,
    '--save',
    '',
    ...args,
  ]);
  const admin = new Redis(port, '127.0.0.1', {
    retryStrategy: () => 20,
    maxRetriesPerRequest: null,
    enableReadyCheck: false,
  });
  admin.on('error', () => undefined);
  onTestFinished(async () => {
    admin.disconnect();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  });
  await admin.ping();
  return { port, admin };
}

describe('REDIS_URL', () => {
  test('that names a replica', async () => {
    const { port, admin } = await startRedis();
    await admin.replicaof('127.0.0.1', 1);
    expect(await inTime({ REDIS_URL: `redis://127.0.0.1:${port}` })).toBe(
      `StartupError: REDIS_URL: Redis at 127.0.0.1:${port} is a replica: name its master.`,
    );
  });

  test('that names a Sentinel', async () => {
    const { port } = await startRedis('--sentinel');
    expect(await inTime({ REDIS_URL: `redis://127.0.0.1:${port}` })).toBe(
      `StartupError: REDIS_URL: 127.0.0.1:${port} is a Sentinel, which is not supported. Name one address that leads to the master, such as that of HAProxy: see docs/operations.md.`,
    );
  });

  test('that is one of a Sentinel', async () => {
    expect(await inTime({ REDIS_URL: 'redis+sentinel://127.0.0.1:26379/mymaster' })).toMatch(
      /^ConfigError: REDIS_URL must be a URL like .*\. Sentinel is not supported: see docs\/operations\.md$/,
    );
  });

  test('that names a node of a cluster', async () => {
    const { port } = await startRedis('--cluster-enabled', 'yes');
    expect(await inTime({ REDIS_URL: `redis://127.0.0.1:${port}` })).toBe(
      `StartupError: REDIS_URL: Redis at 127.0.0.1:${port} is a node of a Redis Cluster: set REDIS_CLUSTER_NODES instead.`,
    );
  });

  test('that names a server which accepts connections and says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    expect(await inTime({ REDIS_URL: `redis://127.0.0.1:${port}` })).toBe(
      `StartupError: REDIS_URL: no Redis answered at 127.0.0.1:${port} within 5 s.`,
    );
  });

  test.each(['/abc', '/3x', '/-1', '/1/2'])('that ends with %s', async (path) => {
    expect(await inTime({ REDIS_URL: `redis://127.0.0.1${path}` })).toMatch(
      /^ConfigError: REDIS_URL must be a URL like redis:\/\/host:6379 or rediss:\/\/host:6379\/1/,
    );
  });

  test('works as a Unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-socket-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'redis.sock');
    const url = `redis:///1?path=${path}`;
    expect(await inTime({ REDIS_URL: url })).toBe(`StartupError: REDIS_URL: nothing listens at ${path}.`);
    await startRedis('--unixsocket', path);
    expect(await inTime({ REDIS_URL: url })).toBe('it started');
  });

  test('works where INFO is renamed away, which some providers do', async () => {
    const { port } = await startRedis('--rename-command', 'INFO', '');
    expect(await inTime({ REDIS_URL: `redis://127.0.0.1:${port}` })).toBe('it started');
  });

  test('a command that is renamed away and needed is named', async () => {
    const { port } = await startRedis('--rename-command', 'EVAL', '');
    expect(await inTime({ REDIS_URL: `redis://127.0.0.1:${port}` })).toContain(' refuses EVAL. ');
  });
});

describe('REDIS_CLUSTER_NODES', () => {
  test('of one node that never met another: it does not know its own address', async () => {
    const { port, admin } = await startRedis('--cluster-enabled', 'yes');
    expect(await inTime({ REDIS_CLUSTER_NODES: `127.0.0.1:${port}` })).toBe(
      `StartupError: REDIS_CLUSTER_NODES: in the Redis Cluster at 127.0.0.1:${port}, 0 of 16384 slots have a master.`,
    );
    await admin.cluster('ADDSLOTSRANGE', 0, 8_000);
    expect(await inTime({ REDIS_CLUSTER_NODES: `127.0.0.1:${port}` })).toContain(' 8001 of 16384 slots ');
    await admin.cluster('ADDSLOTSRANGE', 8_001, 16_383);
    await expect.poll(() => admin.cluster('INFO'), { timeout: 5_000 }).toContain('cluster_state:ok');
    expect(await inTime({ REDIS_CLUSTER_NODES: `127.0.0.1:${port}` })).toBe(
      `StartupError: REDIS_CLUSTER_NODES: the Redis Cluster at 127.0.0.1:${port} does not say where its nodes are: set cluster-announce-ip.`,
    );
    await admin.config('SET', 'cluster-announce-ip', '127.0.0.1');
    expect(await inTime({ REDIS_CLUSTER_NODES: `127.0.0.1:${port}` })).toBe('it started');

    await admin.config('SET', 'cluster-preferred-endpoint-type', 'unknown-endpoint');
    expect(await inTime({ REDIS_CLUSTER_NODES: `127.0.0.1:${port}` })).toMatch(
      / does not say where its nodes are: set cluster-preferred-endpoint-type to ip or hostname\.$/,
    );
    await admin.config('SET', 'cluster-preferred-endpoint-type', 'hostname');
    expect(await inTime({ REDIS_CLUSTER_NODES: `127.0.0.1:${port}` })).toMatch(
      / where its nodes are: set cluster-announce-hostname, or cluster-preferred-endpoint-type to ip\.$/,
    );
    await admin.config('SET', 'cluster-announce-hostname', 'localhost');
    expect(await inTime({ REDIS_CLUSTER_NODES: `127.0.0.1:${port}` })).toBe('it started');
  });

  test('that announce an address which cannot be reached, as behind NAT', async () => {
    const { port, admin } = await startRedis(
      '--cluster-enabled',
      'yes',
      '--cluster-announce-ip',
      '127.0.0.1',
    );
    await admin.cluster('ADDSLOTSRANGE', 0, 16_383);
    await expect.poll(() => admin.cluster('INFO'), { timeout: 5_000 }).toContain('cluster_state:ok');
    await admin.config('SET', 'cluster-announce-port', '1');
    expect(await inTime({ REDIS_CLUSTER_NODES: `127.0.0.1:${port}` })).toBe(
      'StartupError: REDIS_CLUSTER_NODES: none of the masters that the cluster names can be used: nothing listens at 127.0.0.1:1.',
    );
  });

  test('of which DNS does not know one', async () => {
    const cluster = await startTestRedisCluster({ replicas: 0 });
    onTestFinished(() => cluster.close());
    expect(await inTime({ REDIS_CLUSTER_NODES: `unknown.invalid:6379,${cluster.nodes}` })).toBe('it started');
  });
});

describe('a start that is refused', () => {
  let database: { url: string };
  beforeAll(async () => {
    const created = await createTestDatabase();
    database = created;
    return () => created.drop();
  });

  test('is one line and status 1', async () => {
    const { port, admin } = await startRedis();
    await admin.acl('SETUSER', 'app', 'on', '>secret', '~*', '+@all', 'resetchannels');
    const settings = { DATABASE_URL: database.url, REDIS_URL: `redis://app:secret@127.0.0.1:${port}` };
    const { status, stdout, stderr } = await startServer(settings).ended;
    expect(stderr).toMatch(
      /^REDIS_URL: Redis at 127\.0\.0\.1:\d+ refuses channels nearby:[\w-]{8}:\*\. [^\n]+\n$/,
    );
    expect([status, stdout]).toEqual([1, '']);
  });

  test('for TLS says what is wrong with it', async () => {
    const redis = await startTestRedis();
    onTestFinished(() => redis.close());
    const url = redis.url.replace('redis:', 'rediss:');
    expect(await inTime({ REDIS_URL: url })).toMatch(
      /: (127\.0\.0\.1:\d+ does not speak TLS: write redis:\/\/|no Redis answered at 127\.0\.0\.1:\d+ within 5 s over TLS)\.$/,
    );
  });
});
