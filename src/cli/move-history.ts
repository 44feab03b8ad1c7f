/** `npm run move-history` moves the location history from PostgreSQL to Cassandra while the servers run. */
import { InvalidArgumentError } from 'commander';
import { openCassandra } from '../adapters/cassandra/history.js';
import { checkDatabase } from '../adapters/postgres/check-database.js';
import { createDepartingHistory } from '../adapters/postgres/departing-history.js';
import { createPool } from '../adapters/postgres/pool.js';
import { readDatabaseMicros, whileUsersStay } from '../adapters/postgres/while-users-stay.js';
import { readConfig, settingsHelp } from '../config.js';
import { createLogger } from '../log.js';
import { StartupError } from '../startup-error.js';
import { systemClock as clock } from '../time/clock.js';
import { type Outcome, moveHistory } from './move-history/history-move.js';
import { createMoveProgress } from './move-history/move-progress.js';
import { createCommand, FAILED, runCommand, SUCCEEDED } from './run-command.js';

async function main(signal: AbortSignal): Promise<number> {
  const program = createCommand(
    'npm run move-history --',
    'Moves the location history from the database of DATABASE_URL to Cassandra, day by day, newest first, while servers ' +
      'run. All of them must have HISTORY_CASSANDRA. Each day of a user is compared by count and hash before it is ' +
      'deleted in PostgreSQL. It can be stopped, and run again, at any time.',
    settingsHelp(['DATABASE_URL', 'HISTORY_CASSANDRA', 'HISTORY_RETENTION_DAYS']),
  )
    .option('--at-once <requests>', 'requests that Cassandra has not answered, at most', atOnce, 32)
    .parse();
  const { databaseUrl, historyCassandra, historyRetentionDays } = readConfig(process.env);
  if (databaseUrl === null) throw new StartupError('DATABASE_URL must be set.');
  if (historyCassandra === null) throw new StartupError('HISTORY_CASSANDRA must be set, as for the servers.');
  const { atOnce: requestsAtOnce } = program.opts<{ atOnce: number }>();
  const pool = createPool(databaseUrl, {
    log: createLogger('error'),
    maxConnections: 2,
    applicationName: 'nearby-friends move-history',
  });
  try {
    await checkDatabase(pool, clock);
    const cassandra = await openCassandra({
      address: historyCassandra,
      migrate: null,
      whileUsersStay: (userIds, work) => whileUsersStay(pool, userIds, work),
      readMicros: () => readDatabaseMicros(pool),
      retentionDays: historyRetentionDays,
      clock,
    });
    try {
      const progress = createMoveProgress((line) => console.log(line), clock);
      const from = createDepartingHistory(pool, PORTION_ROWS);
      const to = cassandra.copy(requestsAtOnce);
      // What expires within the hour, or has, is left to the retention.
      const fromMs = (Math.floor((clock.now() + HOUR_MS) / DAY_MS) - historyRetentionDays) * DAY_MS;
      const outcome = await moveHistory({ from, to, fromMs, progress, signal, clock });
      return tell(outcome, progress.rowsMoved);
    } finally {
      await cassandra.close();
    }
  } finally {
    await pool.end();
  }
}

/** Deletions of accounts wait while a portion is copied, and so do updates behind them. */
const PORTION_ROWS = 500;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

function tell({ kept, isStopped, rowsLeft }: Outcome, rowsMoved: number): number {
  for (const userDay of kept) {
    console.error(`What Cassandra has of ${userDay} differs: it stays in PostgreSQL, too.`);
  }
  console.log(`${rowsMoved} rows moved; counts and hashes are those of PostgreSQL.`);
  if (isStopped) console.error('Stopped. Run it again to go on.');
  else if (kept.length === 0 && rowsLeft !== 0) {
    console.error(`${rowsLeft} rows have come to PostgreSQL meanwhile. Run it again.`);
  }
  return kept.length === 0 && rowsLeft === 0 ? SUCCEEDED : FAILED;
}

function atOnce(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It is a number from 1 to 9999.');
  return Number(text);
}

await runCommand(main);
