/** `npm run move-history` moves the location history from PostgreSQL to Cassandra, or back; see --help. */
import { InvalidArgumentError } from 'commander';
import type pg from 'pg';
import { type OpenCassandra, openCassandra } from '../adapters/cassandra/history.js';
import { checkDatabase } from '../adapters/postgres/check-database.js';
import { createDepartingHistory } from '../adapters/postgres/departing-history.js';
import { createHistoryStore } from '../adapters/postgres/history-store.js';
import { createHistoryWriter } from '../adapters/postgres/history-writer.js';
import { createPool } from '../adapters/postgres/pool.js';
import { connectionsOfServers, SERVER_NAMES } from '../adapters/postgres/servers-connected.js';
import { readDatabaseMicros, whileUsersStay } from '../adapters/postgres/while-users-stay.js';
import { readConfig, settingsHelp } from '../config.js';
import { createLogger } from '../log.js';
import { StartupError } from '../startup-error.js';
import { systemClock as clock } from '../time/clock.js';
import { CommandError } from './command-error.js';
import { moveHistory } from './move-history/history-move.js';
import { returnHistory } from './move-history/history-return.js';
import { createMoveProgress } from './move-history/move-progress.js';
import { createCommand, FAILED, runCommand, SUCCEEDED } from './run-command.js';

async function main(signal: AbortSignal): Promise<number> {
  const program = createCommand(
    'npm run move-history --',
    'Moves the location history from the database of DATABASE_URL to Cassandra, day by day, newest first, while servers ' +
      'run; all of them must have HISTORY_CASSANDRA. Each day of a user is compared by count and hash before it is ' +
      'deleted where it was. It can be stopped, and run again, at any time.',
    settingsHelp(['DATABASE_URL', 'HISTORY_CASSANDRA', 'HISTORY_RETENTION_DAYS']),
  )
    .option('--at-once <requests>', 'requests that Cassandra has not answered, at most', atOnce, 32)
    .option('--back', 'moves it from Cassandra to PostgreSQL, while no server runs')
    .parse();
  const options = program.opts<Options>();
  const { databaseUrl, historyCassandra, historyRetentionDays: retentionDays } = readConfig(process.env);
  if (databaseUrl === null) throw new StartupError('DATABASE_URL must be set.');
  if (historyCassandra === null) throw new StartupError('HISTORY_CASSANDRA must be set, as for the servers.');
  const pool = createPool(databaseUrl, {
    log: createLogger('error'),
    maxConnections: 2,
    applicationName: SERVER_NAMES.move,
  });
  try {
    await checkDatabase(pool, clock);
    if ((await connectionsOfServers(pool, ['move'])) > pool.totalCount) throw new CommandError(ANOTHER_RUNS);
    const cassandra = await openCassandra({
      address: historyCassandra,
      migrate: null,
      whileUsersStay: (userIds, work) => whileUsersStay(pool, userIds, work),
      readMicros: () => readDatabaseMicros(pool),
      retentionDays,
      clock,
    });
    try {
      const move = options.back === true ? moveBack : moveThere;
      return tell(await move(pool, cassandra, { ...options, retentionDays, signal }));
    } finally {
      await cassandra.close();
    }
  } finally {
    await pool.end();
  }
}

interface Options {
  readonly atOnce: number;
  readonly back?: true;
}

type Move = (
  pool: pg.Pool,
  cassandra: OpenCassandra,
  options: Options & { readonly retentionDays: number; readonly signal: AbortSignal },
) => Promise<Outcome>;

interface Outcome {
  readonly rowsMoved: number;
  /** The users and days whose copies differ. */
  readonly kept: readonly string[];
  readonly isStopped: boolean;
  /** Rows that came meanwhile. */
  readonly rowsLeft: number;
}

const print = (line: string): void => {
  console.log(line);
};

const moveThere: Move = async (pool, cassandra, { atOnce: requestsAtOnce, retentionDays, signal }) => {
  const progress = createMoveProgress(print, clock);
  const outcome = await moveHistory({
    from: createDepartingHistory(pool, PORTION_ROWS),
    to: cassandra.copy(requestsAtOnce),
    // What expires within the hour, or has, is left to the retention.
    fromMs: (Math.floor((clock.now() + HOUR_MS) / DAY_MS) - retentionDays) * DAY_MS,
    oldServers: () => connectionsOfServers(pool, ['postgres']),
    progress,
    signal,
  });
  return { ...outcome, rowsMoved: progress.rowsMoved };
};

const moveBack: Move = async (pool, cassandra, { signal }) => {
  const to = { writer: createHistoryWriter(pool), store: createHistoryStore(pool) };
  const others = () => connectionsOfServers(pool, ['postgres', 'cassandra']);
  return { ...(await returnHistory({ from: cassandra, to, others, print, signal })), rowsLeft: 0 };
};

const ANOTHER_RUNS =
  'Another npm run move-history is at it, or was until now. Run this again when it has ended.';
/** Deletions of accounts wait while a portion is copied, and so do updates behind them. */
const PORTION_ROWS = 500;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

function tell({ rowsMoved, kept, isStopped, rowsLeft }: Outcome): number {
  for (const userDay of kept) console.error(`The copy for ${userDay} differs: nothing of it was deleted.`);
  print(`${rowsMoved} rows moved, with the same counts and hashes.`);
  if (isStopped) console.error('Stopped. Run it again to go on.');
  else if (kept.length === 0 && rowsLeft > 0) {
    console.error(`${rowsLeft} rows have come to PostgreSQL meanwhile. Run it again.`);
  }
  return kept.length === 0 && !isStopped && rowsLeft === 0 ? SUCCEEDED : FAILED;
}

function atOnce(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It is a number from 1 to 9999.');
  return Number(text);
}

await runCommand(main);
