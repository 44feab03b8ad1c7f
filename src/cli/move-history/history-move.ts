/**
 * Moves the history day by day, newest first, portion by portion. What is moved is gone where it came from, so a run that
 * ended anywhere is gone on with by the next one.
 */
import { textOf } from '../../adapters/cassandra/days.js';
import type { HistoryCopy } from '../../adapters/cassandra/history-copy.js';
import type { DepartingHistory, Portion, RowKey, Taken } from '../../adapters/postgres/departing-history.js';
import { CommandError } from '../command-error.js';
import { again } from './again.js';
import { userDay } from './user-day.js';
import type { MoveProgress } from './move-progress.js';

/**
 * Resolves when everything that was recorded at `fromMs` or later is moved, or kept, or the signal came.
 * @throws CommandError when a server still writes to PostgreSQL, or a database is away for too long.
 */
export async function moveHistory({
  from,
  to,
  fromMs,
  progress,
  signal,
  oldServers,
}: Options): Promise<Outcome> {
  const kept = new Set<string>();

  /** Moves a portion but for the users whose copies differ. */
  async function move(portion: Portion): Promise<Taken> {
    const keptOf: string[] = [];
    let { userIds } = portion;
    while (userIds.length > 0) {
      const taken = await from.take({ ...portion, userIds }, (rows, readMicros) =>
        to.copy(rows, { readMicros }),
      );
      if (taken.keptOf.length === 0) return { rows: taken.rows, keptOf };
      keptOf.push(...taken.keptOf);
      userIds = userIds.filter((userId) => !keptOf.includes(userId));
    }
    return { rows: 0, keptOf };
  }

  const days = await again(signal, () => from.days(fromMs));
  progress.start(days.map(({ rows }) => rows));
  for (const { day } of days) {
    // A server of the old setting deletes only in PostgreSQL what people ask to be deleted.
    if ((await again(signal, oldServers)) > 0) throw new CommandError(OTHER_SERVERS);
    progress.day(textOf(day), await again(signal, () => from.usersOn(day)));
    for (let after: RowKey | null = null; !signal.aborted;) {
      const portion: Portion | null = await again(signal, () => from.nextPortion(day, after));
      if (portion === null) break;
      const moved = await again(signal, () => move(portion));
      for (const userId of moved.keptOf) kept.add(userDay(userId, day));
      progress.moved(moved.rows, portion);
      after = portion.upTo;
    }
    if (signal.aborted) return { kept: [...kept], isStopped: true, rowsLeft: 0 };
    progress.dayDone();
  }
  const left = await again(signal, () => from.days(fromMs));
  return { kept: [...kept], isStopped: false, rowsLeft: left.reduce((sum, { rows }) => sum + rows, 0) };
}

export interface Outcome {
  /** The users and days whose copies differ. Their rows are still where they were. */
  readonly kept: readonly string[];
  readonly isStopped: boolean;
  /** Rows that PostgreSQL has after the last day was moved. */
  readonly rowsLeft: number;
}

interface Options {
  readonly from: DepartingHistory;
  readonly to: HistoryCopy;
  readonly fromMs: number;
  readonly progress: MoveProgress;
  readonly signal: AbortSignal;
  /** Counts the connections of servers that write the history to PostgreSQL. */
  readonly oldServers: () => Promise<number>;
}

const OTHER_SERVERS =
  'A server without HISTORY_CASSANDRA is still connected to PostgreSQL, or was until now. Restart all servers with it, ' +
  'then run this again.';
