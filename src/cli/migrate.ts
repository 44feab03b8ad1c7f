/** `npm run migrate` applies missing migrations, for servers that apply none themselves (MIGRATE=never). */
import type pg from 'pg';
import type { CassandraAddress } from '../adapters/cassandra/address.js';
import { connectCassandra } from '../adapters/cassandra/client.js';
import { migrateCassandra } from '../adapters/cassandra/migrate.js';
import { checkDatabase } from '../adapters/postgres/check-database.js';
import { migrate } from '../adapters/postgres/migrate.js';
import { oneServerAtATime } from '../adapters/postgres/one-server-at-a-time.js';
import { createPool } from '../adapters/postgres/pool.js';
import { readConfig, settingsHelp } from '../config.js';
import { createLogger } from '../log.js';
import { StartupError } from '../startup-error.js';
import { systemClock as clock } from '../time/clock.js';
import { createCommand, runCommand, SUCCEEDED } from './run-command.js';

async function main(): Promise<number> {
  createCommand(
    'npm run migrate',
    'Applies the migrations that the database of DATABASE_URL lacks, and Cassandra where HISTORY_CASSANDRA names one, ' +
      'one after the other, while servers of this version and of the one before run. Prints the name of each. A ' +
      'second run does nothing.',
    settingsHelp(['DATABASE_URL', 'HISTORY_CASSANDRA']),
  ).parse();
  const { databaseUrl, historyCassandra, logLevel } = readConfig(process.env);
  if (databaseUrl === null) {
    throw new StartupError('DATABASE_URL must be set: the embedded PostgreSQL is migrated by its server.');
  }
  const pool = createPool(databaseUrl, { log: createLogger(logLevel), maxConnections: 1 });
  try {
    await checkDatabase(pool, clock);
    const applied = [...(await migrate(pool, { clock, report: (line) => console.error(line) }))];
    if (historyCassandra !== null) applied.push(...(await migrateHistory(pool, historyCassandra)));
    for (const name of applied) console.log(name);
    if (applied.length === 0) console.log('The database has all migrations.');
    return SUCCEEDED;
  } finally {
    await pool.end();
  }
}

async function migrateHistory(pool: pg.Pool, address: CassandraAddress): Promise<readonly string[]> {
  const client = await connectCassandra(address);
  try {
    return await migrateCassandra(client, (work) => oneServerAtATime(pool, work));
  } finally {
    await client.shutdown();
  }
}

await runCommand(main);
