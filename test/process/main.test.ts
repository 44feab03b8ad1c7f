/** The process as an operator starts and stops it. */
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, connect, move, signUp } from '../support/api.js';
import { followNearby } from '../support/nearby-list.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { startServer } from '../support/server-program.js';

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
    const ended = await startServer(settings).ended;
    expect(ended.stderr).toMatch(line);
    expect(ended.stderr).not.toContain('secret');
    expect(ended.status).toBe(status);
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
    const settings = { DATABASE_URL: database.url, REDIS_URL: 'redis://:secret@127.0.0.1:1' };
    const { status, stderr } = await startServer(settings).ended;
    expect(stderr).toMatch(/^REDIS_URL: nothing listens at 127\.0\.0\.1:1\.\n$/);
    expect(status).toBe(1);
  });

  test('a port that is taken ends the start with one clear line', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const settings = { DATABASE_URL: database.url, REDIS_URL: redis.url, PORT: port };
    const { status, stderr } = await startServer(settings).ended;
    other.close();
    expect(stderr).toBe(`PORT, HOST: 127.0.0.1:${port} is taken by another program.\n`);
    expect(status).toBe(1);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s closes sockets so that clients come back, and ends with status 0',
    async (signal) => {
      const server = startServer({ DATABASE_URL: database.url, REDIS_URL: redis.url });
      const url = await server.url;
      const user = await signUp(url);
      const list = followNearby(connect(url, user.token));
      await list.next();
      server.child.kill(signal);
      expect(await list.ended).toMatchObject({ code: 1012 });
      expect((await server.ended).status).toBe(0);
    },
  );

  test('SIGTERM before it is up ends it with status 0, though the database does not answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const asked = once(silent, 'connection');
    const server = startServer({
      DATABASE_URL: `postgres://a@127.0.0.1:${(silent.address() as AddressInfo).port}/x`,
      REDIS_URL: redis.url,
    });
    await asked;
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual({ status: 0, stdout: '', stderr: '' });
    silent.close();
  });
});

test('with nothing set it starts, keeps its data, and starts again after kill -9', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'nearby-friends-main-'));
  await chmod(dataDir, 0o711); // As root, PostgreSQL runs as another user.
  try {
    const first = startServer({ DATA_DIR: dataDir });
    const url = await first.url;
    const user = await signUp(url, 'survivor');
    expect(await move(url, user, { latitude: 1, longitude: 2 })).toMatchObject({ recorded: true });
    first.child.kill('SIGKILL');
    await first.ended;

    const second = startServer({ DATA_DIR: dataDir });
    const { locationHistory } = await ask<{ locationHistory: { edges: unknown[] } }>(
      await second.url,
      user.token,
      '{ locationHistory { edges { node { latitude } } } }',
    );
    expect(locationHistory.edges).toHaveLength(1);
    second.child.kill('SIGTERM');
    expect((await second.ended).status).toBe(0);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}, 60_000);
