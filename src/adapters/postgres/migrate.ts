/**
 * Applies the missing migrations in the order of their names, each in a transaction of its own, and records
 * them like `prisma migrate deploy`, so that either can continue where the other stopped. Servers that start
 * together take turns by the advisory lock of Prisma's schema engine. A database that has them all is only read,
 * also where the next version added its own: servers of two neighbouring versions run on one database. Refuses one
 * whose migrations have changed, come before ours, or say that they need a newer server than this.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { StartupError } from '../../startup-error.js';
import type { Clock } from '../../time/clock.js';
import { VERSION } from '../../version.js';
import { sleep } from '../../time/within.js';
import { refusal, refuse } from './refusal.js';
import { START_STEP_LIMIT_MS } from './start-step.js';
import { inTransaction } from './transaction.js';

/**
 * Waits while somebody else holds the lock, but no longer than a minute for each migration that they apply. A
 * migration itself may take any time, but waits no longer than a minute for a lock.
 * @returns the names of the migrations that were applied now.
 * @throws StartupError with one clear line.
 */
export async function migrate(
  pool: pg.Pool,
  { clock, report, folder = MIGRATIONS }: MigrateOptions,
): Promise<readonly string[]> {
  const ours = await readMigrations(folder);
  const applied: string[] = [];
  let told = '';
  let missing = ours.length;
  let untilMs = clock.monotonic() + START_STEP_LIMIT_MS;
  try {
    for (;;) {
      const { length } = await pendingUnlocked(pool, ours, report);
      if (length === 0) break;
      if (length < missing) untilMs = clock.monotonic() + START_STEP_LIMIT_MS;
      missing = length;
      const outcome = await inTransaction(pool, (client) => applyNext(client, ours));
      if ('applied' in outcome) applied.push(...outcome.applied);
      else {
        if (outcome.holder !== told) report(`waiting for the lock on migrations, which ${outcome.holder}`);
        told = outcome.holder;
        if (clock.monotonic() >= untilMs) throw refuse(pool, () => lockedOut(outcome.holder));
        await sleep(clock, RETRY_MS);
      }
    }
  } catch (error) {
    throw refusal(pool, error);
  }
  return applied;
}

/**
 * For a server that applies none itself.
 * @throws StartupError when a migration is missing, with one clear line.
 */
export async function checkMigrations(
  pool: pg.Pool,
  { report, folder = MIGRATIONS }: Omit<MigrateOptions, 'clock'>,
): Promise<void> {
  const ours = await readMigrations(folder);
  let missing: readonly Migration[];
  try {
    missing = await pendingUnlocked(pool, ours, report);
  } catch (error) {
    throw refusal(pool, error);
  }
  const [first] = missing;
  if (first === undefined) return;
  throw new StartupError(
    `MIGRATE=never: the database lacks the migration ${first.name}` +
      `${missing.length > 1 ? ` and ${missing.length - 1} more` : ''}. Run npm run migrate first.`,
  );
}

export interface MigrateOptions {
  readonly clock: Clock;
  /** Called with a line when it waits for somebody, and where the database is a newer version's, which is fine. */
  report(line: string): void;
  /** Default: the migrations of this version. */
  readonly folder?: string;
}

interface Migration {
  readonly name: string;
  readonly script: string;
}

interface Pending {
  /** Of ours, those that the database lacks. */
  readonly missing: readonly Migration[];
  /** Names of those that the database has and we do not know. */
  readonly newer: readonly string[];
}

interface Recorded {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/** The path is the same from src/ and from dist/. */
const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** How a migration says that servers before a version must not run on it. */
const NEEDED_VERSION = /_needs_(\d+\.\d+\.\d+)$/;

/** The lock and the table come from prisma-engines, schema-engine/connectors/sql-schema-connector. */
const PRISMA_LOCK = 72_707_369;
const RETRY_MS = 250;
const LOCK_LIMIT = `SET LOCAL lock_timeout = ${START_STEP_LIMIT_MS}`;

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

/** Another application of Prisma may have such a table in another schema of the search_path. */
const TABLE_EXISTS = `SELECT to_regclass(quote_ident(current_schema()) || '._prisma_migrations') IS NOT NULL AS exists`;

const LOCK_HOLDER = `
  SELECT format('process %s of PostgreSQL (%s) holds', pid, coalesce(nullif(application_name, ''), 'unnamed')) AS holder
    FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
   WHERE locktype = 'advisory' AND objid = ${PRISMA_LOCK} AND granted
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1`;

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names
      .sort()
      .map(async (name) => ({ name, script: await readFile(join(folder, name, 'migration.sql'), 'utf8') })),
  );
}

/** Fails after a minute when somebody locks the table of migrations. */
async function pendingUnlocked(
  pool: pg.Pool,
  ours: readonly Migration[],
  report: (line: string) => void,
): Promise<readonly Migration[]> {
  const { missing, newer } = await inTransaction(pool, async (client) => {
    await client.query(LOCK_LIMIT);
    return pendingOf(client, ours);
  });
  const last = newer.at(-1);
  if (last !== undefined) {
    report(
      `the database has migrations of a newer version, up to ${last}; this one runs without what they are for`,
    );
  }
  return missing;
}

function lockedOut(holder: string): string {
  return (
    `the lock on migrations, which ${holder}, was not free within ${START_STEP_LIMIT_MS / 1_000} s. ` +
    'Start again, or end that process with pg_terminate_backend.'
  );
}

async function pendingOf(
  database: Pick<pg.ClientBase, 'query'>,
  ours: readonly Migration[],
): Promise<Pending> {
  const { rows: tables } = await database.query<{ exists: boolean }>(TABLE_EXISTS);
  if (tables[0]?.exists !== true) return { missing: ours, newer: [] };
  const { rows } = await database.query<Recorded>(
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  );
  const known = new Map(ours.map((migration) => [migration.name, migration]));
  const newer: string[] = [];
  for (const { migration_name: name, checksum, finished } of rows) {
    if (!finished) {
      throw new StartupError(
        `The migration ${name} failed halfway in this database. See "prisma migrate resolve".`,
      );
    }
    const migration = known.get(name);
    if (migration === undefined) {
      newer.push(name);
    } else if (!checksumsOf(migration.script).includes(checksum)) {
      throw new StartupError(
        `The migration ${name} was changed after this database applied it. Restore the file or use ` +
          'another database.',
      );
    }
  }
  const applied = new Set(rows.map((row) => row.migration_name));
  const missing = ours.filter((migration) => !applied.has(migration.name));
  const refused = newer.find((name) => missing.length > 0 || !allowsUs(name, ours));
  if (refused !== undefined) {
    throw new StartupError(
      `The database has the migration ${refused}, which this version does not know. Start the newer version or ` +
        'use another database or schema.',
    );
  }
  return { missing, newer };
}

/** A later migration keeps what the version before it uses; one that does not says which version it needs. */
function allowsUs(name: string, ours: readonly Migration[]): boolean {
  const needed = NEEDED_VERSION.exec(name)?.[1] ?? VERSION;
  return name > (ours.at(-1)?.name ?? '') && VERSION.localeCompare(needed, 'en', { numeric: true }) >= 0;
}

/** Applies the first migration that is missing under the lock, unless somebody else has it. */
async function applyNext(
  client: pg.PoolClient,
  ours: readonly Migration[],
): Promise<{ applied: readonly string[] } | { holder: string }> {
  // A migration may take long, whatever the user's limits are. While it waits for a lock, others wait behind it.
  await client.query(`SET LOCAL statement_timeout = 0; ${LOCK_LIMIT}`);
  const { rows: locks } = await client.query<{ mine: boolean }>(
    `SELECT pg_try_advisory_xact_lock(${PRISMA_LOCK}) AS mine`,
  );
  if (locks[0]?.mine !== true) {
    const { rows } = await client.query<{ holder: string }>(LOCK_HOLDER);
    return { holder: rows[0]?.holder ?? 'somebody held' };
  }
  await client.query(CREATE_TABLE);
  const [next] = (await pendingOf(client, ours)).missing;
  if (next === undefined) return { applied: [] };
  const { name, script } = next;
  try {
    await client.query(script);
  } catch (error) {
    throw new StartupError(
      `The migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
    [randomUUID(), sha256(script), name],
  );
  return { applied: [name] };
}

/** Returns all checksums that count as unchanged: as in Prisma, line endings do not matter. */
function checksumsOf(script: string): readonly string[] {
  const unix = script.replaceAll('\r\n', '\n');
  return [script, unix, unix.replaceAll('\n', '\r\n')].map(sha256);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
