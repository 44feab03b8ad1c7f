/**
 * Between location updates and the history database: collects rows and writes them in group commits, a second one beside
 * the first when rows come faster than one at a time can take. What could not be written is kept in memory, in order, and
 * tried again until it is; a full buffer refuses new rows instead of losing old ones.
 */
import { DomainError } from '../domain/errors.js';
import type { Clock } from './clock.js';
import type { Ticked, Ticks } from './ticks.js';

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
  /** The id stands for other contents already. */
  | { readonly kind: 'conflict' }
  /** The account does not exist any more; nothing is recorded. */
  | { readonly kind: 'unknown-user' };

export interface HistoryWriter {
  /** Commits all rows or none and answers in their order. Writing rows again that were committed changes nothing. */
  write(rows: readonly HistoryRow[]): Promise<readonly HistoryResult[]>;
}

/** Told of what becomes of the rows. */
export interface HistoryMeter {
  /** A row was refused, since the buffer is full. */
  refused(): void;
  /** @param tookMs how long the commit took, milliseconds. */
  committed(rows: number, tookMs: number): void;
}

interface HistoryBufferOptions {
  readonly writer: HistoryWriter;
  readonly clock: Clock;
  /** Rows held in memory, at most, while the database is slow or down. */
  readonly maxRows: number;
  /** Rows in one commit, at most. */
  readonly maxBatchRows: number;
  /** How long the first row of a batch waits for others at least, milliseconds. */
  readonly lingerMs: number;
  /** In which batches are written. */
  readonly ticks: Ticks;
  readonly meter: HistoryMeter;
  /** Told of a failed commit. */
  onWriteFailed(error: unknown, rows: number): void;
}

interface Pending {
  /** Counts the rows as they came. */
  readonly nth: number;
  readonly row: HistoryRow;
  readonly settle: (result: HistoryResult) => void;
}

/** One batch is put together and answered while PostgreSQL writes the other (docs/decisions/012). */
const COMMITS_AT_ONCE = 2;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

export type HistoryBuffer = ReturnType<typeof createHistoryBuffer>;

export function createHistoryBuffer(options: HistoryBufferOptions) {
  const { writer, clock, maxRows, maxBatchRows, lingerMs, ticks, meter } = options;
  let pending: Pending[] = [];
  const commits = new Set<Promise<void>>();
  let rowsCommitting = 0;
  let rowsTaken = 0;
  let cancelWait: (() => void) | null = null;
  let retryMs = FIRST_RETRY_MS;

  const held = (): number => pending.length + rowsCommitting;

  async function commit(batch: readonly Pending[]): Promise<void> {
    rowsCommitting += batch.length;
    const startedAtMs = clock.now();
    try {
      const results = await writer.write(batch.map(({ row }) => row));
      meter.committed(batch.length, clock.now() - startedAtMs);
      batch.forEach(({ settle }, index) => {
        settle(results[index] ?? { kind: 'unknown-user' });
      });
      retryMs = FIRST_RETRY_MS;
    } catch (error) {
      pending = batch.concat(pending).sort((a, b) => a.nth - b.nth);
      options.onWriteFailed(error, pending.length);
      cancelWait ??= clock.after(retryMs, writeNow);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    } finally {
      rowsCommitting -= batch.length;
    }
  }

  const lingering: Ticked = { onTick: writeNow };

  function linger(): void {
    if (cancelWait !== null) return;
    const dueAtMs = clock.now() + lingerMs;
    ticks.at(dueAtMs, lingering);
    cancelWait = () => {
      ticks.cancel(dueAtMs, lingering);
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

  /** Whether a full batch may be written at once. After a failed commit the next attempt waits for its time. */
  const isBehind = (): boolean =>
    pending.length >= maxBatchRows && commits.size < COMMITS_AT_ONCE && retryMs === FIRST_RETRY_MS;

  function goOn(): void {
    if (isBehind()) writeNow();
    else if (pending.length > 0 && commits.size === 0) linger();
  }

  return {
    /**
     * Resolves when the row is committed, or known to need no commit, however long that takes.
     * @throws DomainError 'unavailable' at once when the buffer is full.
     */
    record(row: HistoryRow): Promise<HistoryResult> {
      if (held() >= maxRows) {
        meter.refused();
        throw new DomainError('unavailable', 'The location history is not available now. Try again later.');
      }
      return new Promise((settle) => {
        pending.push({ nth: rowsTaken++, row, settle });
        goOn();
      });
    },

    /** Writes what is held, tries again until `deadlineMs` from now; returns how many rows are left. */
    async flush(deadlineMs: number): Promise<number> {
      const untilMs = clock.now() + deadlineMs;
      let cancel: () => void = () => undefined;
      const over = new Promise<void>((resolve) => (cancel = clock.after(deadlineMs, resolve)));
      while (held() > 0 && clock.now() < untilMs) {
        writeNow();
        // A database that hangs lets no commit end.
        await Promise.race([Promise.all(commits), over]);
        if (retryMs > FIRST_RETRY_MS)
          await new Promise<void>((resolve) => clock.after(FIRST_RETRY_MS, resolve));
      }
      cancel();
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
