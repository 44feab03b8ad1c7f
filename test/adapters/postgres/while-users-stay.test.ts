import type pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { whileUsersStay } from '../../../src/adapters/postgres/while-users-stay.js';
import { createLogger } from '../../../src/log.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';

let database: TestDatabase;
let proxy: TcpProxy;
let pool: pg.Pool;
beforeEach(async () => {
  database = await createTestDatabase();
  const url = new URL(database.url);
  proxy = await startTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  pool = createPool(url.href, { log: createLogger('silent'), maxConnections: 1 });
});
afterEach(async () => {
  proxy.close();
  await pool.end();
  await database.drop();
});

// Without a limit the group, and those behind it, would wait until TCP gives up.
test('a connection that falls silent while rows are written elsewhere is given up, and the next one works', async () => {
  const writing = whileUsersStay(pool, [], async () => {
    proxy.swallows = 'all';
  });
  await expect(writing).rejects.toThrow('Query read timeout');
  proxy.heal();
  expect(await whileUsersStay(pool, [], async ({ unknown }) => unknown.size)).toBe(0);
}, 40_000);
