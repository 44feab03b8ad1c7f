/** The process as an operator starts and stops it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, connect, move, signUp } from '../support/api.js';
import { followNearby } from '../support/nearby-list.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

interface Program {
  readonly process: ChildProcess;
  /** Where it listens; rejects with what it printed when it ends instead. */
  readonly url: Promise<string>;
  readonly ended: Promise<{ code: number | null; errors: string }>;
}

const running = new Set<ChildProcess>();

function start(settings: Record<string, string>): Program {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    env: { PATH, HOME, PORT: '0', LOG_LEVEL: 'warn', DRAIN_SECONDS: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return { code: code as number | null, errors };
  });
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const found = /http:\/\/[^/\s]+/.exec(output)?.[0];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => {
      reject(new Error(errors));
    });
  });
  url.catch(() => undefined);
  return { process: child, url, ended };
}

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

describe('a wrong setting ends the start with one clear line', () => {
  test.each([
    ['PORT', { PORT: 'abc' }, /^PORT must be a whole number from 0 to 65535\n$/, 2],
    [
      'a database that is not there',
      { DATABASE_URL: 'postgres://a:secret@127.0.0.1:1/x' },
      /^DATABASE_URL: .*127\.0\.0\.1:1\.\n$/,
      1,
    ],
    [
      'a database URL that is none',
      { DATABASE_URL: 'mysql://a:secret@127.0.0.1/x' },
      /^DATABASE_URL must be [^\n]+\n$/,
      2,
    ],
  ])('%s', async (_name, settings, line, status) => {
    const { code, errors } = await start(settings).ended;
    expect(errors).toMatch(line);
    expect(errors).not.toContain('secret');
    expect(code).toBe(status);
  });
});

describe('with PostgreSQL and Redis of its own', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  beforeEach(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  });
  afterEach(async () => {
    await redis.close();
    await database.drop();
  });

  test('a Redis that is not there ends the start with one clear line', async () => {
    const program = start({ DATABASE_URL: database.url, REDIS_URL: 'redis://:secret@127.0.0.1:1' });
    const { code, errors } = await program.ended;
    expect(errors).toMatch(/^REDIS_URL: nothing listens at 127\.0\.0\.1:1\.\n$/);
    expect(code).toBe(1);
  });

  test('a port that is taken ends the start with one clear line', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const { code, errors } = await start({ DATABASE_URL: database.url, REDIS_URL: redis.url, PORT: port })
      .ended;
    other.close();
    expect(errors).toBe(`PORT, HOST: 127.0.0.1:${port} is taken by another program.\n`);
    expect(code).toBe(1);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s closes sockets so that clients come back, and ends with status 0',
    async (signal) => {
      const program = start({ DATABASE_URL: database.url, REDIS_URL: redis.url });
      const url = await program.url;
      const user = await signUp(url);
      const list = followNearby(connect(url, user.token));
      await list.next();
      program.process.kill(signal);
      expect(await list.ended).toMatchObject({ code: 1012 });
      expect((await program.ended).code).toBe(0);
    },
  );
});

test('with nothing set it starts, keeps its data, and starts again after kill -9', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'nearby-friends-main-'));
  await chmod(dataDir, 0o711); // As root, PostgreSQL runs as another user.
  try {
    const first = start({ DATA_DIR: dataDir });
    const url = await first.url;
    const user = await signUp(url, 'survivor');
    expect(await move(url, user, { latitude: 1, longitude: 2 })).toMatchObject({ recorded: true });
    first.process.kill('SIGKILL');
    await first.ended;

    const second = start({ DATA_DIR: dataDir });
    const { locationHistory } = await ask<{ locationHistory: { edges: unknown[] } }>(
      await second.url,
      user.token,
      '{ locationHistory { edges { node { latitude } } } }',
    );
    expect(locationHistory.edges).toHaveLength(1);
    second.process.kill('SIGTERM');
    expect((await second.ended).code).toBe(0);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}, 60_000);
