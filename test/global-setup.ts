import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '../src/adapters/postgres/migrate.js';
import { createPool } from '../src/adapters/postgres/pool.js';
import { startEmbeddedPostgres } from '../src/embedded/postgres.js';
import { createLogger } from '../src/log.js';

/** One real PostgreSQL for all tests, with a migrated database that createTestDatabase() copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nearby-friends-test-'));
  await chmod(dataDir, 0o711); // As root, PostgreSQL runs as another user.
  const log = createLogger('warn');
  const flags = ['fsync', 'synchronous_commit', 'full_page_writes'].flatMap((name) => ['-c', `${name}=off`]);
  // Each server of each test that runs beside others may take twenty.
  flags.push('-c', 'max_connections=400');
  const postgres = await startEmbeddedPostgres({ dataDir, log, flags });
  const pool = createPool(postgres.url, { log });
  await migrate(pool);
  await pool.end();
  project.provide('templateDatabaseUrl', postgres.url);
  return async () => {
    await postgres.close();
    await rm(dataDir, { recursive: true, force: true });
  };
}

declare module 'vitest' {
  interface ProvidedContext {
    templateDatabaseUrl: string;
  }
}
