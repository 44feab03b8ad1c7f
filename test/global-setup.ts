import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '../src/adapters/postgres/migrate.js';
import { createPool } from '../src/adapters/postgres/pool.js';
import { startEmbeddedPostgres } from '../src/embedded/postgres.js';
import { createLogger } from '../src/log.js';
import { systemClock } from '../src/time/clock.js';

/**
 * One real PostgreSQL for all tests, with a migrated database that createTestDatabase() copies: our own, or the one at
 * TEST_POSTGRES_URL, whose database is empty.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_POSTGRES_URL'];
  const { url, close } =
    given === undefined ? await startPostgres() : { url: given, close: async () => undefined };
  const pool = createPool(url, { log: createLogger('warn') });
  await migrate(pool, { clock: systemClock, report: () => undefined });
  const { rows } = await pool.query<{ copy: string }>(
    `SELECT CASE WHEN current_setting('server_version_num')::int >= 150000 THEN 'STRATEGY file_copy' ELSE '' END AS copy`,
  );
  await pool.end();
  project.provide('templateDatabaseUrl', url);
  project.provide('templateCopy', rows[0]?.copy ?? '');
  return close;
}

async function startPostgres(): Promise<{ url: string; close: () => Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nearby-friends-test-'));
  await chmod(dataDir, 0o711); // As root, PostgreSQL runs as another user.
  const flags = ['fsync', 'synchronous_commit', 'full_page_writes'].flatMap((name) => ['-c', `${name}=off`]);
  // Each server of each test that runs beside others may take twenty.
  flags.push('-c', 'max_connections=400');
  const postgres = await startEmbeddedPostgres({ dataDir, log: createLogger('warn'), flags });
  return {
    url: postgres.url,
    async close() {
      await postgres.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

declare module 'vitest' {
  interface ProvidedContext {
    templateDatabaseUrl: string;
    /** How CREATE DATABASE copies the template fast, where this PostgreSQL knows it. */
    templateCopy: string;
  }
}
