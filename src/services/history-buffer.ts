/**
 * Holds location updates on their way to the history database and writes them in group commits, a second one
 * beside the first when rows come faster than one can write. Rows that could not be written stay in memory,
 * in order, and are written again until it works. A full buffer refuses new rows instead of losing old ones.
 */
import { DomainError } from '../domain/errors.js';
import { backoff } from '../time/backoff.js';
import type { Clock } from '../time/clock.js';
import { sleep, within } from '../time/within.js';
import type { TickListener, TickScheduler } from './tick-scheduler.js';

export function createHistoryBuffer(options: HistoryBufferOptions) {
  const { writer, clock, maxRows, maxBatchRows, lingerMs, ticks, meter } = options;
  let pending: Pending[] = [];
  const commits = new Set<Promise<void>>();
  let rowsCommitting = 0;
  let rowsTaken = 0;
  let cancelWait: (() => void) | null = null;
  let failedAttempts = 0;

  const held = (): number => pending.length + rowsCommitting;

  async function commit(batch: readonly Pending[]): Promise<void> {
    rowsCommitting += batch.length;
    const startedAtMs = clock.monotonic();
    try {
      const results = await writer.write(batch.map(({ row }) => row));
      meter.committed(batch.length, clock.monotonic() - startedAtMs);
      batch.forEach(({ settle }, index) => {
        settle(results[index] ?? { kind: 'unknown-user' });
      });
      failedAttempts = 0;
    } catch (error) {
      pending = batch.concat(pending).sort((a, b) => a.nth - b.nth);
      options.onWriteFailed(error, pending.length);
      // Two commits that fail together count twice, as one retry follows both.
      cancelWait ??= clock.after(retryDelayMs(failedAttempts), writeNow);
      failedAttempts += 1;
    } finally {
      rowsCommitting -= batch.length;
    }
  }

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

  /** @throws DomainError 'unavailable' when there is no room for so many rows. */
  function requireRoom(rows: number): void {
    if (held() + rows <= maxRows) return;
    meter.refused();
    throw new DomainError('unavailable', 'The location history is not available now. Try again later.');
  }

  function take(row: HistoryRow): Promise<HistoryResult> {
    return new Promise((settle) => {
      pending.push({ nth: rowsTaken++, row, settle });
      goOn();
    });
  }

  return {
    /**
     * Resolves when the row is committed, or known to need no commit, however long that takes.
     * @throws DomainError 'unavailable' at once when the buffer is full.
     */
    record(row: HistoryRow): Promise<HistoryResult> {
      requireRoom(1);
      return take(row);
    },

    /**
     * Takes all rows or none.
     * @throws DomainError 'unavailable' at once when the buffer has no room for them.
     */
    recordAll(rows: readonly HistoryRow[]): Promise<HistoryResult>[] {
      requireRoom(rows.length);
      return rows.map(take);
    },

    /** Writes what is held, tries again until `deadlineMs` from now; returns how many rows are left. */
    async flush(deadlineMs: number): Promise<number> {
      const untilMs = clock.monotonic() + deadlineMs;
      while (held() > 0 && clock.monotonic() < untilMs) {
        writeNow();
        // A database that hangs never ends a commit.
        await within(clock, untilMs - clock.monotonic(), Promise.all(commits), null);
        if (failedAttempts > 0) await sleep(clock, FIRST_RETRY_MS);
      }
      return held();
    },

    close(): void {
      cancelWait?.();
    },

    /** Rows that are held. */
    get size() {
      return held();
    },
  };
}

export type HistoryBuffer = ReturnType<typeof createHistoryBuffer>;

export interface HistoryRow {
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
  | { readonly kind: 'unknown-user' };

export interface HistoryWriter {
  /**
   * Commits all rows or none and answers in their order. Writing rows again that were committed changes
   * nothing.
   */
  write(rows: readonly HistoryRow[]): Promise<readonly HistoryResult[]>;
}

/** Counts what becomes of the rows. */
export interface HistoryMeter {
  /** A row was refused, since the buffer is full. */
  refused(): void;
  /** @param tookMs how long the commit took, milliseconds. */
  committed(rows: number, tookMs: number): void;
}

/** PostgreSQL writes one batch while the other is put together or answered (docs/decisions/043). */
const COMMITS_AT_ONCE = 2;
const FIRST_RETRY_MS = 100;
const retryDelayMs = backoff(FIRST_RETRY_MS, 5_000);

interface HistoryBufferOptions {
  readonly writer: HistoryWriter;
  readonly clock: Clock;
  /** Rows held in memory, at most, while the database is slow or down. */
  readonly maxRows: number;
  /** Rows in one commit, at most. */
  readonly maxBatchRows: number;
  /** How long the first row of a batch waits at least for others, milliseconds. */
  readonly lingerMs: number;
  /** The ticks in which batches are written. */
  readonly ticks: TickScheduler;
  readonly meter: HistoryMeter;
  /** Called for a failed commit, which is repeated; `rows` are then held. */
  onWriteFailed(error: unknown, rows: number): void;
}

interface Pending {
  /** The place of the row in the order of arrival. */
  readonly nth: number;
  readonly row: HistoryRow;
  readonly settle: (result: HistoryResult) => void;
}
