import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startEmbeddedRedis, type EmbeddedRedis } from '../../src/embedded/redis.js';
import { StartupError } from '../../src/startup-error.js';
import { startTestRedis } from '../support/redis.js';
import { kill9, outcomeOf, processesOf, spawnServer, untilGone } from './processes.js';

const log = { error: vi.fn() };
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.clearAllMocks();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options = {}): Promise<EmbeddedRedis> {
  const redis = await startEmbeddedRedis({ log, ...options });
  if (redis === null) throw new Error('There is no redis-server on PATH.');
  cleanups.push(() => redis.close());
  return redis;
}

function connect(url: string): Redis {
  const client = new Redis(url, { retryStrategy: () => null, maxRetriesPerRequest: 0, lazyConnect: true });
  client.on('error', () => undefined);
  cleanups.push(() => Promise.resolve(client.disconnect()));
  return client;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('startEmbeddedRedis', () => {
  it('serves those who know its password, from memory alone, until it is closed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'redis-test-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    vi.stubEnv('TMPDIR', folder);
    const redis = await start();
    const client = connect(redis.url);
    expect(await client.set('key', 'value')).toBe('OK');
    expect(await client.config('GET', 'save')).toEqual(['save', '']);
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    expect(await client.info('server')).toContain(`process_id:${redis.pid}`);
    await expect(connect(`redis://127.0.0.1:${redis.port}`).get('key')).rejects.toThrow('NOAUTH');
    expect(await readdir(folder)).toEqual([]);

    await Promise.all([redis.close(), redis.close()]);
    expect(isRunning(redis.pid)).toBe(false);
    expect(log.error).not.toHaveBeenCalled();
  });

  it('does not show its password to those who list processes', async () => {
    const { url } = await start();
    expect(await processesOf(new URL(url).password)).toEqual([]);
  });

  it('is null when there is no such program on PATH', async () => {
    vi.stubEnv('PATH', `/nowhere/${randomUUID()}`);
    expect(await startEmbeddedRedis({ log })).toBeNull();
  });

  it('says when the port that was asked for is taken', async () => {
    const { port } = await start();
    const second = start({ port });
    await expect(second).rejects.toThrow(StartupError);
    await expect(second).rejects.toThrow(/redis-server does not start: .*port/);
  });

  it('says when it ends by itself', async () => {
    const redis = await start();
    process.kill(redis.pid, 'SIGKILL');
    await vi.waitFor(() => expect(log.error).toHaveBeenCalledOnce(), { timeout: 10_000 });
  });

  it.each(['process', 'group'] as const)('ends when the %s that started it is killed', async (whom) => {
    const child = spawnServer(['redis']);
    cleanups.push(() => kill9(child));
    const { url = '' } = await outcomeOf(child);
    const client = connect(url);
    await client.ping();
    const closed = once(client, 'close');
    await kill9(child, whom);
    await closed;
    await untilGone(`redis-server 127.0.0.1:${new URL(url).port}`);
  });
});

describe('startTestRedis', () => {
  it('comes back empty under the same URL', async () => {
    const redis = await startTestRedis();
    cleanups.push(() => redis.close());
    const { url, pid } = redis;
    await connect(url).set('key', 'value');
    await redis.restart();
    expect(redis.pid).not.toBe(pid);
    expect(await connect(url).get('key')).toBeNull();
    await redis.kill9();
    expect(isRunning(redis.pid)).toBe(false);
  });
});
