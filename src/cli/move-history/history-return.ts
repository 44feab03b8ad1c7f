/**
 * Moves the history back from Cassandra to PostgreSQL while no server runs: a user's day at a time, which is compared by
 * count and hash before it is deleted in Cassandra. A run that ended anywhere is gone on with by the next one.
 */
import type { OpenCassandra } from '../../adapters/cassandra/history.js';
import { digestOf } from '../../adapters/history-digest.js';
import { placeKey } from '../../adapters/place-key.js';
import type { TimePlace } from '../../domain/cursor.js';
import type { LocationUpdate } from '../../domain/location-update.js';
import type { HistoryWriter } from '../../services/history-buffer.js';
import type { HistoryStore, TimeRange } from '../../services/location-history.js';
import { CommandError } from '../command-error.js';
import { again } from './again.js';
import { userDay } from './user-day.js';

/**
 * @returns the users and days that differ, which are still where they were.
 * @throws CommandError when a server runs, or a database is away for too long.
 */
export async function returnHistory({ from, to, others, print, signal }: Options): Promise<ReturnOutcome> {
  const { store } = from;
  const kept: string[] = [];
  let [daysDone, rowsMoved] = [0, 0];

  /** Writes to PostgreSQL what Cassandra has. Resolves to it, or to null when the user has no account. */
  async function copy(userId: string, range: TimeRange): Promise<readonly LocationUpdate[] | null> {
    const locations: LocationUpdate[] = [];
    for await (const page of pagesOf(store, userId, range)) {
      const ids = page.map(({ id }) => id);
      const claims = new Map((await store.claimsOf(userId, ids)).map((claim) => [placeKey(claim), claim]));
      const rows = page.map((one) => {
        return { ...one, userId, fingerprint: claims.get(placeKey(one))?.fingerprint ?? null };
      });
      const results = await to.writer.write(rows);
      if (results.some(({ kind }) => kind === 'unknown-user')) return null;
      locations.push(...page);
    }
    return locations;
  }

  /** Resolves to the number of rows, or to null when what PostgreSQL has of them differs. */
  async function move(userId: string, day: number): Promise<number | null> {
    const range = { fromMs: day * DAY_MS, toMs: (day + 1) * DAY_MS };
    const copied = await copy(userId, range);
    if (copied === null) {
      await store.eraseUser(userId);
      return 0;
    }
    const keys = new Set(copied.map(placeKey));
    const found: LocationUpdate[] = [];
    for await (const page of pagesOf(to.store, userId, range)) {
      found.push(...page.filter((one) => keys.has(placeKey(one))));
    }
    if (digestOf(copied) !== digestOf(found)) return null;
    // What is past the retention is not read, and left to expire.
    if (copied.length === 0) return 0;
    await store.deleteDay(userId, day);
    return copied.length;
  }

  async function refuseBesideOthers(): Promise<void> {
    if ((await again(signal, others)) > 0) throw new CommandError(OTHERS_RUN);
  }

  await refuseBesideOthers();
  for await (const { userId, day } of from.days()) {
    if (signal.aborted) return { kept, rowsMoved, isStopped: true };
    const rows = await again(signal, () => move(userId, day));
    if (rows === null) kept.push(userDay(userId, day));
    rowsMoved += rows ?? 0;
    if (++daysDone % DAYS_A_LOOK === 0) await refuseBesideOthers();
    if (daysDone % DAYS_A_LINE === 0) print(`${daysDone} days of users, ${rowsMoved} rows`);
  }
  return { kept, rowsMoved, isStopped: false };
}

export interface ReturnOutcome {
  readonly kept: readonly string[];
  readonly rowsMoved: number;
  readonly isStopped: boolean;
}

interface Options {
  readonly from: Pick<OpenCassandra, 'days' | 'store'>;
  readonly to: { readonly writer: HistoryWriter; readonly store: HistoryStore };
  /** Counts the connections of servers. */
  readonly others: () => Promise<number>;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

async function* pagesOf(store: HistoryStore, userId: string, range: TimeRange) {
  for (let after: TimePlace | null = null; ;) {
    const page: LocationUpdate[] = await store.read(userId, range, after, PAGE_ROWS);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = { atMs: last.recordedAtMs, id: last.id };
  }
}

const DAY_MS = 86_400_000;
const PAGE_ROWS = 500;
const DAYS_A_LINE = 1_000;
const DAYS_A_LOOK = 20;
const OTHERS_RUN =
  'A server is connected to PostgreSQL, or was until now. Stop all servers, then run this again: ' +
  'what people delete while the history moves back could come back.';
