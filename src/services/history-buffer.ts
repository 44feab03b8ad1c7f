/**
 * Holds location updates on their way to the history database and writes them in group commits, a second one
 * beside the first when rows come faster than one can write. Rows that could not be written stay in memory and
 * are written again until it works; those of a day that somebody locks wait apart from the others, and a row that
 * the database refuses is given up. A full buffer refuses new rows instead of losing old ones.
 */
import type { Motion } from '../domain/motion.js';
import { backoff } from '../time/backoff.js';
import type { Clock } from '../time/clock.js';
import { sleep, within } from '../time/within.js';
import { createHeldRows, type HeldRowsMeter } from './held-rows.js';
import type { TickListener, TickScheduler } from './tick-scheduler.js';

export function createHistoryBuffer(options: HistoryBufferOptions) {
  const { writer, clock, maxBatchRows, lingerMs, ticks, meter } = options;
  const held = createHeldRows(options);
  let pending: Pending[] = [];
  /** The rows of days that somebody locks, or may lock. */
  const apart = new Map<Day, Pending[]>();
  const commits = new Set<Promise<void>>();
  let cancelWait: (() => void) | null = null;
  let cancelApart: (() => void) | null = null;
  let failedAttempts = 0;
  let rowsTaken = 0;
  let isClosed = false;

  function settle({ row, resolve }: Pending, result: HistoryResult): void {
    held.removeOne(row.userId);
    resolve(result);
  }

  /** Writes rows, and those at fault by themselves. Resolves to the rows that are left. */
  async function write(batch: readonly Pending[]): Promise<Left> {
    const startedAtMs = clock.monotonic();
    try {
      const results = await writer.write(batch.map(({ row }) => row));
      meter.committed(batch.length, clock.monotonic() - startedAtMs);
      for (const [index, one] of batch.entries()) settle(one, results[index] ?? { kind: 'unknown-user' });
      return { failed: [], locked: [] };
    } catch (error) {
      const failure = writer.failureOf(error);
      if (failure === 'refused' && batch.length > 1) return writeHalves(batch);
      options.onWriteFailed(error, held.size);
      if (failure === 'locked') return writeNewestDay(batch);
      if (failure === 'database') return { failed: batch, locked: [] };
      meter.givenUp();
      for (const one of batch) settle(one, { kind: 'refused', cause: error });
      return { failed: [], locked: [] };
    }
  }

  async function writeHalves(batch: readonly Pending[]): Promise<Left> {
    const middle = batch.length >> 1;
    const [first, second] = [await write(batch.slice(0, middle)), await write(batch.slice(middle))];
    return { failed: first.failed.concat(second.failed), locked: first.locked.concat(second.locked) };
  }

  /** Writes the rows of the newest day alone, which most rows are of, as nobody knows which day is locked. */
  async function writeNewestDay(batch: readonly Pending[]): Promise<Left> {
    const newest = Math.max(...batch.map(dayOf));
    const others = batch.filter((one) => dayOf(one) !== newest);
    if (others.length === 0) return { failed: [], locked: batch };
    const { failed, locked } = await write(batch.filter((one) => dayOf(one) === newest));
    return { failed, locked: locked.concat(others) };
  }

  async function commit(batch: readonly Pending[]): Promise<void> {
    const { failed, locked } = await write(batch);
    setApart(locked);
    if (failed.length === 0) failedAttempts = 0;
    else {
      pending = inOrder(failed, pending);
      // Two commits that fail together count twice, as one retry follows both.
      cancelWait ??= clock.after(retryDelayMs(failedAttempts), writeNow);
      failedAttempts += 1;
    }
  }

  function setApart(locked: readonly Pending[]): void {
    if (locked.length === 0) return;
    for (const one of locked) if (!apart.has(dayOf(one))) apart.set(dayOf(one), []);
    const rows = inOrder(locked, pending);
    pending = [];
    for (const one of rows) queueOf(one).push(one);
    cancelApart ??= clock.after(APART_RETRY_MS, () => void writeApart());
  }

  /** Tries the days that are apart, one after the other. A day that can be written again joins the others. */
  async function writeApart(): Promise<void> {
    for (const [day, rows] of apart) {
      const { failed, locked } = await write(rows.splice(0, maxBatchRows));
      rows.unshift(...failed, ...locked);
      if (failed.length > 0) break;
      if (locked.length > 0) continue;
      apart.delete(day);
      pending = inOrder(rows, pending);
      goOn();
    }
    cancelApart = apart.size === 0 || isClosed ? null : clock.after(APART_RETRY_MS, () => void writeApart());
  }

  const queueOf = (one: Pending): Pending[] => (apart.size === 0 ? null : apart.get(dayOf(one))) ?? pending;

  const batchIsDue: TickListener = { onTick: writeNow };

  function linger(): void {
    if (cancelWait !== null) return;
    const dueAtMs = clock.monotonic() + lingerMs;
    ticks.schedule(dueAtMs, batchIsDue);
    cancelWait = () => {
      ticks.cancel(dueAtMs, batchIsDue);
    };
  }

  function writeNow(): void {
    cancelWait?.();
    cancelWait = null;
    while (commits.size === 0 ? pending.length > 0 : isBehind()) {
      const committed = commit(pending.splice(0, maxBatchRows)).finally(() => {
        commits.delete(committed);
        goOn();
      });
      commits.add(committed);
    }
  }

  /**
   * Whether a full batch may be written at once. After a failed commit the next attempt waits for its time.
   */
  const isBehind = (): boolean =>
    pending.length >= maxBatchRows && commits.size < COMMITS_AT_ONCE && failedAttempts === 0;

  function goOn(): void {
    if (isBehind()) writeNow();
    else if (pending.length > 0 && commits.size === 0) linger();
  }

  function take(row: HistoryRow): Promise<HistoryResult> {
    return new Promise((resolve) => {
      const one = { nth: rowsTaken++, row, resolve };
      queueOf(one).push(one);
      goOn();
    });
  }

  return {
    /**
     * Resolves when the row is committed, or known to need no commit, however long that takes.
     * @throws DomainError 'unavailable' at once when the buffer is full, or full of rows of this user.
     */
    record(row: HistoryRow): Promise<HistoryResult> {
      held.add(row.userId, 1);
      return take(row);
    },

    /**
     * Takes all rows, which are one user's, or none.
     * @throws DomainError 'unavailable' at once when the buffer has no room for them.
     */
    recordAll(rows: readonly HistoryRow[]): Promise<HistoryResult>[] {
      const [first] = rows;
      if (first !== undefined) held.add(first.userId, rows.length);
      return rows.map(take);
    },

    /** Writes what is held, tries again until `deadlineMs` from now; returns how many rows are left. */
    async flush(deadlineMs: number): Promise<number> {
      const untilMs = clock.monotonic() + deadlineMs;
      while (held.size > 0 && clock.monotonic() < untilMs) {
        writeNow();
        // A database that hangs never ends a commit.
        await within(clock, untilMs - clock.monotonic(), Promise.all(commits), null);
        if (failedAttempts > 0 || apart.size > 0) await sleep(clock, FIRST_RETRY_MS);
      }
      return held.size;
    },

    close(): void {
      isClosed = true;
      cancelWait?.();
      cancelApart?.();
    },

    /** Rows that are held. */
    get size() {
      return held.size;
    },
  };
}

export type HistoryBuffer = ReturnType<typeof createHistoryBuffer>;

export interface HistoryRow extends Motion {
  readonly userId: string;
  /** The client's id, or one made for the row so that writing it twice records it once. */
  readonly id: string;
  /** Hash of what the client sent under its own id; null when the client gave no id. */
  readonly fingerprint: string | null;
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters: number | null;
  readonly recordedAtMs: number;
  readonly receivedAtMs: number;
}

export type HistoryResult =
  | { readonly kind: 'recorded' }
  /** A retry: the row was recorded before, at this instant. */
  | { readonly kind: 'duplicate'; readonly recordedAtMs: number }
  /** The id already stands for other contents. */
  | { readonly kind: 'conflict' }
  /** The account does not exist any more; nothing is recorded. */
  | { readonly kind: 'unknown-user' }
  /** The database will never take this row; it is given up. */
  | { readonly kind: 'refused'; readonly cause: unknown };

export interface HistoryWriter {
  /**
   * Commits all rows and answers in their order. When it rejects, none is committed, or some are: writing rows again
   * that were committed changes nothing.
   */
  write(rows: readonly HistoryRow[]): Promise<readonly HistoryResult[]>;
  /** Says of an error of `write` what was at fault. */
  failureOf(error: unknown): WriteFailure;
}

export type WriteFailure =
  /** The database; all rows can be written later. */
  | 'database'
  /** Somebody locks what some of the rows need. */
  | 'locked'
  /** A row has something that the database does not take. */
  | 'refused';

/** Counts what becomes of the rows. */
export interface HistoryMeter extends HeldRowsMeter {
  /** The database refused a row. */
  givenUp(): void;
  /** @param tookMs how long the commit took, milliseconds. */
  committed(rows: number, tookMs: number): void;
}

/** PostgreSQL writes one batch while the other is put together or answered (docs/decisions/043). */
const COMMITS_AT_ONCE = 2;
const FIRST_RETRY_MS = 100;
const retryDelayMs = backoff(FIRST_RETRY_MS, 1_000);
const APART_RETRY_MS = 1_000;
const DAY_MS = 86_400_000;

interface HistoryBufferOptions {
  readonly writer: HistoryWriter;
  readonly clock: Clock;
  /** Rows held in memory, at most, while the database is slow or down. */
  readonly maxRows: number;
  /** Of these, rows of one user. */
  readonly maxRowsPerUser: number;
  /** Rows in one commit, at most. */
  readonly maxBatchRows: number;
  /** How long the first row of a batch waits at least for others, milliseconds. */
  readonly lingerMs: number;
  /** The ticks in which batches are written. */
  readonly ticks: TickScheduler;
  readonly meter: HistoryMeter;
  /** Called for a failed commit; `rows` are then held. */
  onWriteFailed(error: unknown, rows: number): void;
}

interface Pending {
  /** The place of the row in the order of arrival. */
  readonly nth: number;
  readonly row: HistoryRow;
  readonly resolve: (result: HistoryResult) => void;
}

/** Days since the epoch, UTC: each has a partition of its own. */
type Day = number;

/** What is left of a batch. */
interface Left {
  /** Rows to be written again when the database works. */
  readonly failed: readonly Pending[];
  /** Rows of days that are locked, or may be. */
  readonly locked: readonly Pending[];
}

function dayOf({ row }: Pick<Pending, 'row'>): Day {
  return Math.floor(row.recordedAtMs / DAY_MS);
}

function inOrder(...lists: readonly (readonly Pending[])[]): Pending[] {
  return lists.flat().sort((a, b) => a.nth - b.nth);
}
