/** What ends the start, in one line, and what must not: a role with the documented rights, a schema of one's own. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.js';
import { freePort } from '../../../src/embedded/free-port.js';
import { startEmbeddedPostgres } from '../../../src/embedded/postgres.js';
import { clusterOf, findPlace } from '../../../src/embedded/postgres-place.js';
import { startSupervised } from '../../../src/embedded/supervised-process.js';
import { createLogger } from '../../../src/log.js';
import { type Node, startNode } from '../../../src/node.js';
import { StartupError } from '../../../src/startup-error.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { befriend, codesOf, move, signUp } from '../../support/api.js';
import {
  createEmptyDatabase,
  createTestDatabase,
  createTestRole,
  runSql,
  type TestDatabase,
  type TestRole,
} from '../../support/postgres.js';
import { startTestRedis, type TestRedis } from '../../support/redis.js';
import { startServer } from '../../support/server-program.js';

const cleanups: (() => Promise<unknown>)[] = [];
let database: TestDatabase;
let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  database = await createEmptyDatabase();
  cleanups.push(database.drop);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The one line that the start ends with. */
async function refusal(databaseUrl: string): Promise<string> {
  const config = { ...readConfig({}), port: 0, databaseUrl };
  const error: unknown = await startNode(config, { log: createLogger('silent') }).catch(
    (reason: unknown) => reason,
  );
  if (!(error instanceof StartupError)) throw error;
  expect(error.message).toMatch(/^DATABASE_URL: [^\n]+\.$/);
  expect(error.message).not.toContain('secret');
  return error.message;
}

async function start(databaseUrl: string): Promise<Node> {
  const config = { ...readConfig({}), port: 0, databaseUrl, redisUrl: redis.url, drainSeconds: 0 };
  const node = await startNode(config, { log: createLogger('silent') });
  cleanups.push(() => node.close());
  return node;
}

async function role(of: TestDatabase = database): Promise<TestRole> {
  const made = await createTestRole(of);
  // It can go once all that it owns is gone with the databases.
  cleanups.unshift(made.drop);
  return made;
}

async function tables(databaseUrl: string): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ schema: string; tables: number }>(
    `SELECT nspname AS schema, count(*)::int AS tables FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
      WHERE relkind IN ('r', 'p') AND nspname NOT IN ('pg_catalog', 'information_schema') GROUP BY 1`,
  );
  await client.end();
  return Object.fromEntries(rows.map(({ schema, tables: count }) => [schema, count]));
}

/** Does what takes every table, by pg and by Prisma. */
async function useIt(url: string): Promise<void> {
  const [ann, bob] = [await signUp(url), await signUp(url)];
  await befriend(url, ann, bob);
  expect(
    await move(url, ann, { latitude: 1, longitude: 2, id: 'b1f1c4a6-3f6e-4a6e-9c62-0a9d3f0a8f11' }),
  ).toMatchObject({ recorded: true });
  for (const operation of [
    'mutation { updateSharing(input: { enabled: false }) { enabled } }',
    `mutation { blockUser(userId: "${bob.id}") }`,
    `mutation { unblockUser(userId: "${bob.id}") }`,
    '{ locationHistory { edges { node { latitude } } } friends { totalCount } }',
    'mutation { deleteLocationHistory }',
    'mutation { signOut }',
  ])
    expect(await codesOf(url, ann.token, operation)).toEqual([]);
  expect(await codesOf(url, bob.token, 'mutation { deleteAccount }')).toEqual([]);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
}

describe('ends with one line', () => {
  test.each([
    [
      'a role that may not make tables',
      () => 'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
      'permission denied for schema public',
    ],
    ['read-only', (name: string) => `ALTER ROLE ${name} SET default_transaction_read_only = on`, 'read-only'],
    ['an empty search_path', (name: string) => `ALTER ROLE ${name} SET search_path = ''`, 'search_path'],
  ])('%s', async (_name, sql, words) => {
    const { name, url } = await role();
    await runSql(database.url, sql(name));
    expect(await refusal(url)).toContain(words);
  });

  test('a right that is missing on a migrated database is named', async () => {
    const migrated = await createTestDatabase();
    cleanups.push(migrated.drop);
    const { name, url } = await role(migrated);
    await runSql(
      migrated.url,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${name}; REVOKE INSERT, DELETE ON blocks FROM ${name}`,
    );
    expect(await refusal(url)).toContain('lacks rights: INSERT on blocks, DELETE on blocks');
  });

  test('a schema that the user may not use', async () => {
    const { url } = await role();
    await runSql(database.url, 'REVOKE USAGE ON SCHEMA public FROM PUBLIC');
    expect(await refusal(url)).toContain('GRANT USAGE ON SCHEMA');
  });

  test('a database whose encoding lacks most names', async () => {
    const latin = await createEmptyDatabase(`TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`);
    cleanups.push(latin.drop);
    expect(await refusal(latin.url)).toContain('LATIN1');
  });

  test('a schema that is not there', async () => {
    const url = new URL(database.url);
    url.searchParams.set('schema', 'else"where');
    expect(await refusal(url.href)).toContain('no schema "else"where"');
  });

  test('a standby', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'nearby-friends-standby-'));
    cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
    await chmod(dataDir, 0o711); // As root, PostgreSQL runs as another user.
    const options = {
      dataDir,
      log: createLogger('silent'),
      flags: ['-c', 'wal_level=replica', '-c', 'max_connections=100'],
    };
    await (await startEmbeddedPostgres(options)).close();
    const place = await findPlace(dataDir, options.log);
    await writeFile(join(clusterOf(place), 'standby.signal'), '');
    const port = await freePort();
    const standby = await startSupervised({
      command: join(place.native, 'bin/postgres'),
      args: ['-D', clusterOf(place), '-p', String(port), '-c', 'unix_socket_directories='],
      stopSignal: 'INT',
      user: place.user,
    });
    cleanups.push(() => standby.stop(5_000));
    const url = new URL(`postgres://postgres@127.0.0.1:${port}/nearby_friends`);
    url.password = await readFile(join(place.folder, 'password'), 'utf8');
    await expect.poll(() => refusal(url.href), { timeout: 10_000 }).toContain('is a standby');
  });

  test('a certificate file that is not there', async () => {
    const url = new URL(database.url);
    url.searchParams.set('sslrootcert', '/no/such/root.crt');
    expect(await refusal(url.href)).toContain('/no/such/root.crt');
  });

  test('no password where one is asked for', async () => {
    const url = new URL(database.url);
    url.password = '';
    // A process of its own: pg leaves the socket open, for which PostgreSQL waits before it drops the database.
    const { status, stderr } = await startServer({ DATABASE_URL: url.href }).ended;
    expect(stderr).toMatch(/^DATABASE_URL: [^\n]+ asks for a password, and the URL has none\.\n$/);
    expect(status).toBe(1);
  });

  test('a role that is not there', async () => {
    const url = new URL(database.url);
    url.username = 'nobody_here';
    expect(await refusal(url.href)).toContain('nobody_here');
  });
});

describe('waits for what somebody locks and says so after 5 s', () => {
  /** Starts while `lock` holds, on a clock that runs twenty times as fast. */
  async function startBehind(lock: string) {
    const migrated = await createTestDatabase();
    cleanups.push(migrated.drop);
    const holder = new pg.Client({ connectionString: migrated.url });
    await holder.connect();
    cleanups.push(() => holder.end());
    await holder.query(lock);
    const lines: string[] = [];
    const clock = createFakeClock();
    const ticking = setInterval(() => void clock.advance(100), 5);
    cleanups.push(async () => clearInterval(ticking));
    const starting = startNode(
      { ...readConfig({}), port: 0, databaseUrl: migrated.url },
      { log: createLogger('warn', { write: (line) => void lines.push(line) }), clock },
    );
    starting.catch(() => undefined);
    return { holder, lines, starting };
  }

  test('and ends with one line after a minute', async () => {
    const { lines, starting } = await startBehind('SELECT pg_advisory_lock(7300002)');
    await expect(starting).rejects.toThrow(/^DATABASE_URL: [^\n]+ within 60 s \(the signing keys\)[^\n]+\.$/);
    await expect(starting).rejects.toBeInstanceOf(StartupError);
    expect(lines.join('')).toContain('waiting for PostgreSQL: the signing keys');
  });

  test('and goes on when it is free', async () => {
    const { holder, lines, starting } = await startBehind('BEGIN; LOCK TABLE _prisma_migrations');
    await expect.poll(() => lines.join('')).toContain('waiting for PostgreSQL: the migrations');
    await holder.query('COMMIT');
    await (await starting).close();
  });
});

describe('works', () => {
  /** What docs/operations.md says that a superuser must run, for this database. */
  async function documentedRights(nth: number, databaseUrl: string, role: string): Promise<string> {
    const text = await readFile('docs/operations.md', 'utf8');
    const block = [...text.matchAll(/```sql\n([^]*?)```/g)][nth]?.[1] ?? '';
    expect(block).toContain('GRANT');
    return block
      .replaceAll('nearby_friends', new URL(databaseUrl).pathname.slice(1))
      .replaceAll('nearby_role', role);
  }

  const withoutDefaults = (databaseUrl: string): string =>
    `REVOKE ALL ON DATABASE ${new URL(databaseUrl).pathname.slice(1)} FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC;
     REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC; ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;
     DO $$ DECLARE function regprocedure; BEGIN
       FOR function IN SELECT oid FROM pg_proc WHERE proname LIKE '%advisory%' OR proname LIKE 'pg_control%' LOOP
         EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', function);
       END LOOP;
     END $$;`;

  test('with a role that has the documented rights and no others', async () => {
    const { name, url } = await role();
    await runSql(
      database.url,
      withoutDefaults(database.url) +
        (await documentedRights(0, database.url, name)) +
        (await documentedRights(2, database.url, name)),
    );
    await useIt((await start(url)).url);
  });

  test('with a role that owns nothing, on a database that another one has migrated', async () => {
    const migrated = await createTestDatabase();
    cleanups.push(migrated.drop);
    const { name, url } = await role(migrated);
    await runSql(
      migrated.url,
      withoutDefaults(migrated.url) +
        (await documentedRights(1, migrated.url, name)) +
        (await documentedRights(2, migrated.url, name)),
    );
    await useIt((await start(url)).url);
  });

  test('in the schema that the URL names, next to another application', async () => {
    await runSql(
      database.url,
      `CREATE SCHEMA "my schema"; CREATE TABLE users (id int);
       CREATE TABLE _prisma_migrations (migration_name text, checksum text, finished_at timestamptz, rolled_back_at timestamptz);
       INSERT INTO _prisma_migrations VALUES ('20200101000000_theirs', 'x', now(), NULL)`,
    );
    const url = new URL(database.url);
    url.searchParams.set('schema', 'my schema');
    await useIt((await start(url.href)).url);
    expect(await tables(database.url)).toMatchObject({ public: 2 });
  });

  test("in the schema of the role's own search_path", async () => {
    const { name, url } = await role();
    await runSql(
      database.url,
      `CREATE SCHEMA app AUTHORIZATION ${name}; ALTER ROLE ${name} SET search_path = app, public;
       ALTER ROLE ${name} SET timezone = 'America/St_Johns'; ALTER ROLE ${name} SET datestyle = 'German'`,
    );
    await useIt((await start(url)).url);
    expect(Object.keys(await tables(database.url))).toEqual(['app']);
  });

  test('with other parameters in the URL', async () => {
    const url = new URL(database.url);
    url.searchParams.set('application_name', 'mine');
    url.searchParams.set('options', '-c TimeZone=Asia/Tokyo');
    await useIt((await start(url.href)).url);
  });
});
