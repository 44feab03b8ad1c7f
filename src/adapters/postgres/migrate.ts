/**
 * Applies the missing migrations in the order of their names, each in a transaction of its own, and records
 * them like `prisma migrate deploy`, so that either can continue where the other stopped. Servers that start
 * together take turns by the advisory lock of Prisma's schema engine. Refuses a database with a migration
 * that we lack or that has changed.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { StartupError } from '../../startup-error.js';

/**
 * @returns the names of the migrations that were applied now.
 * @throws StartupError with one clear line.
 */
export async function migrate(pool: pg.Pool, folder = MIGRATIONS): Promise<readonly string[]> {
  const ours = await readMigrations(folder);
  const client = await pool.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(${PRISMA_LOCK})`);
    const pending = await pendingOf(client, ours);
    for (const migration of pending) await apply(client, migration);
    return pending.map((migration) => migration.name);
  } finally {
    // Closing the connection releases the lock, whatever state the connection is in.
    client.release(true);
  }
}

interface Migration {
  readonly name: string;
  readonly script: string;
}

interface Recorded {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/** The path is the same from src/ and from dist/. */
const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** The lock and the table come from prisma-engines, schema-engine/connectors/sql-schema-connector. */
const PRISMA_LOCK = 72_707_369;

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

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names
      .sort()
      .map(async (name) => ({ name, script: await readFile(join(folder, name, 'migration.sql'), 'utf8') })),
  );
}

async function pendingOf(client: pg.PoolClient, ours: readonly Migration[]): Promise<readonly Migration[]> {
  await client.query(CREATE_TABLE);
  const { rows } = await client.query<Recorded>(
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  );
  const known = new Map(ours.map((migration) => [migration.name, migration]));
  for (const { migration_name: name, checksum, finished } of rows) {
    const migration = known.get(name);
    if (migration === undefined) {
      throw new StartupError(
        `The database has the migration ${name}, which this version does not know. Start the newer version or ` +
          'use another database.',
      );
    }
    if (!finished) {
      throw new StartupError(
        `The migration ${name} failed halfway in this database. See "prisma migrate resolve".`,
      );
    }
    if (!checksumsOf(migration.script).includes(checksum)) {
      throw new StartupError(
        `The migration ${name} was changed after this database applied it. Restore the file or use ` +
          'another database.',
      );
    }
  }
  const applied = new Set(rows.map((row) => row.migration_name));
  return ours.filter((migration) => !applied.has(migration.name));
}

async function apply(client: pg.PoolClient, { name, script }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(script);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), sha256(script), name],
    );
    await client.query('COMMIT');
  } catch (error) {
    throw new StartupError(
      `The migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Returns all checksums that count as unchanged: as in Prisma, line endings do not matter. */
function checksumsOf(script: string): readonly string[] {
  const unix = script.replaceAll('\r\n', '\n');
  return [script, unix, unix.replaceAll('\n', '\r\n')].map(sha256);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
