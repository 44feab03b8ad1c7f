/** Sentinel is not supported, and not needed: behind HAProxy, as deploy/ has it, servers follow its failover. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/embedded/free-port.js';
import { act, move, signUpFriends } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const near = (meters: number) => travel(HERE, 90, meters);
const HEALED_MS = 15_000;
const WHERE_HAPROXY_MAY_BE = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

/** Killed when the test has finished. */
function start(command: string, args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const child = spawn(command, args, {
    env: { PATH: WHERE_HAPROXY_MAY_BE, ...settings },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { kill: () => child.kill('SIGKILL'), ended };
}

test('the master dies: lists are live again on the one that Sentinel chose', async ({ annotate, skip }) => {
  const version = await promisify(execFile)('haproxy', ['-v'], { env: { PATH: WHERE_HAPROXY_MAY_BE } }).catch(
    () => null,
  );
  if (version === null) skip('haproxy is not on PATH');
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-sentinel-'));
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const [first, second, sentinel, address] = ports;
  const redisAt = (port: number, ...more: string[]) =>
    start('redis-server', [
      ...['--port', String(port), '--dir', folder, '--dbfilename', `${port}.rdb`, '--save', ''],
      ...['--bind', '127.0.0.1', '--repl-diskless-sync-delay', '0', ...more],
    ]);
  const master = redisAt(first);
  redisAt(second, '--replicaof', `127.0.0.1 ${first}`);
  const configuration = join(folder, 'sentinel.conf');
  await writeFile(
    configuration,
    `port ${sentinel}
bind 127.0.0.1
dir ${folder}
sentinel monitor friends 127.0.0.1 ${first} 1
sentinel down-after-milliseconds friends 1000
sentinel failover-timeout friends 5000
`,
  );
  start('redis-server', [configuration, '--sentinel']);
  start('haproxy', ['-db', '-f', 'deploy/haproxy/redis.cfg'], {
    LISTEN: `127.0.0.1:${address}`,
    REDIS_1: `127.0.0.1:${first}`,
    REDIS_2: `127.0.0.1:${second}`,
  });
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const admin = new Redis(sentinel, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
  admin.on('error', () => undefined);
  onTestFinished(() => admin.disconnect());
  await expect
    .poll(async () => String(await admin.call('SENTINEL', 'MASTER', 'friends')), { timeout: HEALED_MS })
    .toContain('num-slaves,1,');
  // HAProxy takes both for masters until it has asked them.
  const role = async (): Promise<unknown> => {
    const behind = new Redis(address, '127.0.0.1', { retryStrategy: null, lazyConnect: true });
    behind.on('error', () => undefined);
    const [answer] = (await behind.call('ROLE').catch(() => [])) as unknown[];
    behind.disconnect();
    return answer;
  };
  await expect
    .poll(async () => [await role(), await role()], { timeout: HEALED_MS })
    .toEqual(['master', 'master']);

  const cluster = await startTestCluster(2, { redisUrl: `redis://127.0.0.1:${address}` });
  onTestFinished(() => cluster.close());
  const [here = '', there = ''] = cluster.urls;
  const [ann, bob] = await signUpFriends(here);
  await Promise.all([move(here, ann, HERE), move(there, bob, near(100))]);
  const list = follow(here, ann);
  await list.until(({ entries }) => entries.has(bob.id));

  master.kill();
  const killedAt = performance.now();
  await move(there, bob, near(200));
  await list.until(
    ({ entries }) => Math.abs((entries.get(bob.id)?.distanceMeters ?? 0) - 200) < 1,
    HEALED_MS,
  );
  await annotate(`live again after ${Math.round(performance.now() - killedAt)} ms`);
  expect(await act(there, bob, `removeFriend(userId: "${ann.id}")`)).toBe(true);
  await list.until(({ entries }) => entries.size === 0);
}, 60_000);
