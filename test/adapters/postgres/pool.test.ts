import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { checkDatabase } from '../../../src/adapters/postgres/check-database.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { StartupError } from '../../../src/startup-error.js';
import { systemClock } from '../../../src/time/clock.js';
import { createTestDatabase } from '../../support/postgres.js';

const log = { warn: vi.fn() };
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function urlWith(change: (url: URL) => void): string {
  const url = new URL(inject('templateDatabaseUrl'));
  url.pathname = 'postgres';
  change(url);
  return url.href;
}

function poolOf(url: string, maxConnections = 2) {
  const pool = createPool(url, { log, maxConnections });
  cleanups.push(() => pool.end());
  return pool;
}

/** The one line that the start ends with. */
async function refusal(url: string): Promise<string> {
  const error: unknown = await checkDatabase(poolOf(url), systemClock).catch((reason: unknown) => reason);
  if (!(error instanceof StartupError)) throw error;
  expect(error.message).toMatch(/^DATABASE_URL: [^\n]+\.$/);
  const { password } = new URL(url);
  if (password !== '') expect(error.message).not.toContain(password);
  return error.message;
}

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return once(server.close(), 'close');
  });
  return (server.address() as AddressInfo).port;
}

describe('checkDatabase', () => {
  it('is content with a database that answers', async () => {
    const session = await checkDatabase(poolOf(urlWith(() => undefined)), systemClock);
    expect(session.schema).toBe('public');
    expect(session.nameStatement('x')).toBe('x');
  });

  it('tells a wrong password', async () => {
    expect(await refusal(urlWith((url) => (url.password = 'hunter2')))).toContain(
      'refuses the user or the password',
    );
  });

  it('tells a database that is missing', async () => {
    expect(await refusal(urlWith((url) => (url.pathname = 'nowhere')))).toContain(
      'has no database "nowhere"',
    );
  });

  it('tells that nothing listens', async () => {
    const port = await listen(() => undefined);
    await cleanups.pop()?.();
    expect(await refusal(urlWith((url) => (url.port = String(port))))).toContain(
      `nothing listens at 127.0.0.1:${port}`,
    );
  });

  it('tells a host that is not known', async () => {
    expect(await refusal(urlWith((url) => (url.hostname = 'no-such-host.invalid')))).toContain(
      'the host of no-such-host.invalid',
    );
  });

  it('tells that TLS is not to be had', async () => {
    const message = await refusal(urlWith((url) => url.searchParams.set('sslmode', 'verify-full')));
    expect(message).toContain('no TLS connection to 127.0.0.1');
  });

  it('tells a server that takes the connection and says nothing, within 6 s', async () => {
    const port = await listen(() => undefined);
    const start = performance.now();
    expect(await refusal(urlWith((url) => (url.port = String(port))))).toContain('no PostgreSQL answered');
    expect(performance.now() - start).toBeLessThan(6_000);
  });

  it.each([
    [
      '28000',
      'no pg_hba.conf entry for host "10.0.0.1", user "a", database "b", no encryption',
      /no encryption\. See pg_hba\.conf there, and sslmode in the URL\.$/,
    ],
    ['08P01', 'no such database: b', /no such database: b \(08P01\)\.$/],
    ['08P01', 'unsupported startup parameter: search_path', /search_path\. .* ALTER ROLE/],
    ['53300', 'remaining connection slots are reserved', /no connection left for us: remaining/],
  ])('tells %s in the words of the other side: %s', async (code, message, line) => {
    const fields = ['SFATAL', 'VFATAL', `C${code}`, `M${message}`].map((field) => `${field}\0`).join('');
    const length = Buffer.alloc(4);
    length.writeInt32BE(4 + fields.length + 1);
    const answer = Buffer.concat([Buffer.from('E'), length, Buffer.from(`${fields}\0`)]);
    const port = await listen((socket) => socket.once('data', () => socket.end(answer)));
    expect(await refusal(urlWith((url) => (url.port = String(port))))).toMatch(line);
  });

  it('tells a server that is something else', async () => {
    const port = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await refusal(urlWith((url) => (url.port = String(port))))).toContain(`127.0.0.1:${port}`);
  });
});

describe('createPool', () => {
  it('says in one line which parameters of the URL have no effect', () => {
    const url = urlWith(({ searchParams }) => {
      searchParams.set('connection_limit', '3');
      searchParams.set('pgbouncer', 'true');
      searchParams.set('schema', 'public');
      searchParams.set('application_name', 'mine');
    });
    poolOf(url);
    expect(log.warn.mock.lastCall).toEqual([
      expect.stringMatching(
        /^DATABASE_URL: connection_limit, pgbouncer have no effect; [^\n]*DATABASE_POOL_SIZE/,
      ),
    ]);
    log.warn.mockClear();
    poolOf(urlWith(({ searchParams }) => searchParams.set('sslmode', 'disable')));
    expect(log.warn).not.toHaveBeenCalled();
  });

  it('lets PostgreSQL read the timeouts of the URL, with their units', async () => {
    const timeouts = {
      statement_timeout: '5s',
      lock_timeout: '2min',
      idle_in_transaction_session_timeout: '1500',
    };
    const pool = poolOf(
      urlWith(({ searchParams }) => {
        for (const [name, value] of Object.entries(timeouts)) searchParams.set(name, value);
      }),
    );
    for (const [name, value] of Object.entries({
      ...timeouts,
      idle_in_transaction_session_timeout: '1500ms',
    }))
      expect((await pool.query(`SHOW ${name}`)).rows).toEqual([{ [name]: value }]);
  });

  it('outlives the end of its connections, idle or in use', async () => {
    const { url, drop } = await createTestDatabase();
    cleanups.push(drop);
    const pool = poolOf(url);
    const other = poolOf(url);
    const client = await pool.connect();
    await pool.query('SELECT 1');
    await other.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await expect(client.query('SELECT 1')).rejects.toThrow();
    client.release(true);
    await vi.waitFor(() => expect(log.warn).toHaveBeenCalled(), { timeout: 10_000 });
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('has no more connections than allowed', async () => {
    const pool = poolOf(
      urlWith(() => undefined),
      3,
    );
    await Promise.all(Array.from({ length: 10 }, () => pool.query('SELECT pg_sleep(0.01)')));
    expect(pool.totalCount).toBe(3);
  });
});
