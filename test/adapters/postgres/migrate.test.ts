import { cp, mkdir, mkdtemp, rm, writeFile, appendFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkMigrations, migrate as migrateDatabase } from '../../../src/adapters/postgres/migrate.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { createLogger } from '../../../src/log.js';
import { StartupError } from '../../../src/startup-error.js';
import { type Clock, systemClock } from '../../../src/time/clock.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const MIGRATIONS = 'prisma/migrations';
const log = createLogger('silent');
const lines: string[] = [];
const ADVISORY_LOCKS = `
  SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
   WHERE locktype = 'advisory' AND datname = current_database()`;

function migrate(pool: pg.Pool, folder?: string, clock: Clock = systemClock): Promise<readonly string[]> {
  const report = (line: string): void => void lines.push(line);
  return migrateDatabase(pool, { clock, report, ...(folder !== undefined && { folder }) });
}

describe('migrate', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let folder: string;

  beforeEach(async () => {
    database = await createEmptyDatabase();
    pool = createPool(database.url, { log });
    folder = await mkdtemp(join(tmpdir(), 'migrations-'));
    await cp(MIGRATIONS, folder, { recursive: true });
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
    await rm(folder, { recursive: true });
  });

  async function addMigration(name: string, script: string): Promise<void> {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'migration.sql'), script);
  }

  async function recorded() {
    const { rows } = await pool.query<{
      migration_name: string;
      finished: boolean;
      applied_steps_count: number;
    }>(
      `SELECT migration_name, finished_at IS NOT NULL AS finished, applied_steps_count
         FROM _prisma_migrations ORDER BY migration_name`,
    );
    return rows;
  }

  it('applies all of them once', async () => {
    const names = (await readdir(MIGRATIONS, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
    expect(await migrate(pool)).toEqual(names);
    expect(await migrate(pool)).toEqual([]);
    expect(await recorded()).toEqual(
      names.map((migration_name) => ({ migration_name, finished: true, applied_steps_count: 1 })),
    );
    expect((await pool.query('SELECT * FROM users')).rowCount).toBe(0);
  });

  it('lets servers that start together take turns', async () => {
    const pools = Array.from({ length: 4 }, () => createPool(database.url, { log }));
    const applied = await Promise.all(pools.map((each) => migrate(each)));
    await Promise.all(pools.map((each) => each.end()));
    expect((await recorded()).map(({ migration_name }) => migration_name)).toEqual(applied.flat().sort());
  });

  it('waits while somebody else migrates, and says at once for whom', async () => {
    lines.length = 0;
    const other = createPool(database.url, { log, applicationName: 'another tool' });
    const holder = await other.connect();
    const { rows } = await holder.query<{ pid: number }>(
      'SELECT pg_backend_pid() AS pid, pg_advisory_lock(72707369)',
    );
    const migrated = migrate(pool);
    await expect.poll(() => lines, { timeout: 5_000 }).toHaveLength(1);
    expect(lines[0]).toBe(
      `waiting for the lock on migrations, which process ${rows[0]?.pid} of PostgreSQL (another tool) holds`,
    );
    holder.release(true);
    expect(await migrated).not.toEqual([]);
    await other.end();
  });

  it('ends the start with one line when somebody else holds the lock for a minute', async () => {
    const holder = await pool.connect();
    await holder.query('SELECT pg_advisory_lock(72707369)');
    const clock = createFakeClock();
    const startedAtMs = clock.monotonic();
    let error: unknown = null;
    void migrate(pool, folder, clock).catch((reason: unknown) => (error = reason));
    const isWaiting = () => {
      expect(error !== null || clock.pending > 0).toBe(true);
    };
    while (error === null) {
      await vi.waitFor(isWaiting, { timeout: 5_000, interval: 1 });
      await clock.advance(250);
    }
    expect((clock.monotonic() - startedAtMs) / 1_000).toBeCloseTo(60, 0);
    expect(error).toMatchObject({
      name: 'StartupError',
      message: expect.stringMatching(
        /^DATABASE_URL: the lock on migrations, which process \d+ [^\n]+ holds, was not free within 60 s\. [^\n]+$/,
      ) as string,
    });
    holder.release(true);
  });

  it('does not wait where nothing is missing, and leaves no lock behind', async () => {
    await migrate(pool);
    const holder = await pool.connect();
    await holder.query('SELECT pg_advisory_lock(72707369)');
    expect(await migrate(pool)).toEqual([]);
    holder.release(true);
    await expect.poll(async () => (await pool.query(ADVISORY_LOCKS)).rowCount).toBe(0);
  });

  it('takes its time, whatever statement_timeout the user has', async () => {
    await addMigration('29991231000000_slow', 'SELECT pg_sleep(0.3);');
    await pool.query(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout TO 200', current_database()); END $$`,
    );
    const hurried = createPool(database.url, { log });
    await expect(hurried.query('SELECT pg_sleep(0.3)')).rejects.toThrow('statement timeout');
    expect(await migrate(hurried, folder)).toContain('29991231000000_slow');
    await hurried.end();
  });

  it('applies a new one to a database that has the others', async () => {
    await migrate(pool, folder);
    await addMigration('29991231000000_more', 'CREATE TABLE more (id int); INSERT INTO more VALUES (1);');
    expect(await migrate(pool, folder)).toEqual(['29991231000000_more']);
    expect((await pool.query('SELECT * FROM more')).rows).toEqual([{ id: 1 }]);
  });

  it('leaves nothing of one that fails, and applies it once it is mended', async () => {
    await addMigration('29991231000000_bad', 'CREATE TABLE half (id int); SELECT 1 / 0;');
    const failed = migrate(pool, folder);
    await expect(failed).rejects.toThrow(StartupError);
    await expect(failed).rejects.toThrow('The migration 29991231000000_bad failed: division by zero');
    await expect(pool.query('SELECT * FROM half')).rejects.toThrow('does not exist');
    await writeFile(join(folder, '29991231000000_bad', 'migration.sql'), 'CREATE TABLE half (id int);');
    expect(await migrate(pool, folder)).toEqual(['29991231000000_bad']);
  });

  it('refuses a migration that was changed after it was applied', async () => {
    const [name = ''] = await migrate(pool, folder);
    await appendFile(join(folder, name, 'migration.sql'), '-- changed\n');
    await expect(migrate(pool, folder)).rejects.toThrow(`The migration ${name} was changed`);
  });

  it('takes other line ends for no change', async () => {
    const name = '29991231000000_lines';
    await addMigration(name, 'CREATE TABLE one (id int);\nCREATE TABLE two (id int);\n');
    await migrate(pool, folder);
    await writeFile(
      join(folder, name, 'migration.sql'),
      'CREATE TABLE one (id int);\r\nCREATE TABLE two (id int);\r\n',
    );
    expect(await migrate(pool, folder)).toEqual([]);
  });

  it('runs on a database that the next version migrated, and says so', async () => {
    await addMigration('29991231000000_newer', 'SELECT 1;');
    await addMigration('29991231000001_drop_something_needs_0.0.1', 'SELECT 1;');
    await migrate(pool, folder);
    lines.length = 0;
    const line =
      'the database has migrations of a newer version, up to 29991231000001_drop_something_needs_0.0.1; ' +
      'this one runs without what they are for';
    expect(await migrate(pool)).toEqual([]);
    expect(lines).toEqual([line]);
    await checkMigrations(pool, { report: (said) => void lines.push(said) });
    expect(lines).toEqual([line, line]);
  });

  it.each([
    ['that needs a newer version', '29991231000000_drop_something_needs_999.0.0'],
    ['of another branch, which comes before ours', '20261122000000_other'],
  ])('refuses a migration %s', async (_which, name) => {
    await addMigration(name, 'SELECT 1;');
    await migrate(pool, folder);
    const refused = `The database has the migration ${name}, which this version does not know.`;
    await expect(migrate(pool)).rejects.toThrow(refused);
    await expect(checkMigrations(pool, { report: () => undefined })).rejects.toThrow(refused);
  });

  it('adds nothing to a database that went another way', async () => {
    const [first = ''] = await migrate(pool, folder);
    const last = (await recorded()).at(-1)?.migration_name ?? '';
    expect(last).not.toBe(first);
    await pool.query('DELETE FROM _prisma_migrations WHERE migration_name = $1', [last]);
    await pool.query(
      `UPDATE _prisma_migrations SET migration_name = '29991231000000_other' WHERE migration_name = $1`,
      [first],
    );
    await expect(migrate(pool)).rejects.toThrow(/29991231000000_other, which this version does not know/);
  });

  it('refuses a database where Prisma stopped halfway, and not once that was rolled back', async () => {
    const [name = ''] = await migrate(pool, folder);
    await pool.query('UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(migrate(pool, folder)).rejects.toThrow(`The migration ${name} failed halfway`);
    await addMigration('29991231000000_after', 'SELECT 1;');
    await pool.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, rolled_back_at)
       VALUES ('x', 'y', '29991231000000_after', now())`,
    );
    await pool.query('UPDATE _prisma_migrations SET finished_at = now() WHERE rolled_back_at IS NULL');
    expect(await migrate(pool, folder)).toEqual(['29991231000000_after']);
  });
});

it('gives each test a migrated database of its own', async () => {
  const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const pool = createPool(one.url, { log });
  expect(await migrate(pool)).toEqual([]);
  expect(one.url).not.toBe(two.url);
  await one.drop();
  await expect(pool.query('SELECT 1')).rejects.toThrow();
  await Promise.all([pool.end(), two.drop()]);
});
