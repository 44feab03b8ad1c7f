/**
 * Between location updates and the history database: collects rows and writes them in group commits, one at a time.
 * What could not be written is kept in memory, in order, and tried again until it is; a full buffer refuses new rows
 * instead of losing old ones.
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
  /** Told of a failed commit. */
  onWriteFailed(error: unknown, rows: number): void;
}

interface Pending {
  readonly row: HistoryRow;
  readonly settle: (result: HistoryResult) => void;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

export type HistoryBuffer = ReturnType<typeof createHistoryBuffer>;

export function createHistoryBuffer(options: HistoryBufferOptions) {
  const { writer, clock, maxRows, maxBatchRows, lingerMs, ticks } = options;
  let pending: Pending[] = [];
  let writing: Promise<void> | null = null;
  let cancelWait: (() => void) | null = null;
  let retryMs = FIRST_RETRY_MS;

  /** Writes batch after batch until nothing is left or one fails. */
  async function drain(): Promise<void> {
    while (pending.length > 0) {
      const batch = pending.slice(0, maxBatchRows);
      try {
        const results = await writer.write(batch.map(({ row }) => row));
        pending = pending.slice(batch.length);
        batch.forEach(({ settle }, index) => {
          settle(results[index] ?? { kind: 'unknown-user' });
        });
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        options.onWriteFailed(error, pending.length);
        cancelWait ??= clock.after(retryMs, () => void writeNow());
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
        return;
      }
      if (pending.length > 0 && pending.length < maxBatchRows) return linger();
    }
  }

  const lingering: Ticked = { onTick: () => void writeNow() };

  function linger(): void {
    if (cancelWait !== null) return;
    const dueAtMs = clock.now() + lingerMs;
    ticks.at(dueAtMs, lingering);
    cancelWait = () => {
      ticks.cancel(dueAtMs, lingering);
    };
  }

  function writeNow(): Promise<void> {
    cancelWait?.();
    cancelWait = null;
    writing ??= drain().finally(() => {
      writing = null;
      // Rows may have come between the end of the loop and here.
      if (pending.length > 0) linger();
    });
    return writing;
  }

  return {
    /**
     * Resolves when the row is committed, or known to need no commit, however long that takes.
     * @throws DomainError 'unavailable' at once when the buffer is full.
     */
    record(row: HistoryRow): Promise<HistoryResult> {
      if (pending.length >= maxRows) {
        throw new DomainError('unavailable', 'The location history is not available now. Try again later.');
      }
      return new Promise((settle) => {
        pending.push({ row, settle });
        if (writing !== null) return;
        if (pending.length >= maxBatchRows && retryMs === FIRST_RETRY_MS) void writeNow();
        else linger();
      });
    },

    /** Writes what is held, tries again until `deadlineMs` from now; returns how many rows are left. */
    async flush(deadlineMs: number): Promise<number> {
      const untilMs = clock.now() + deadlineMs;
      while (pending.length > 0 && clock.now() < untilMs) {
        await writeNow();
        if (pending.length > 0) await new Promise<void>((resolve) => clock.after(FIRST_RETRY_MS, resolve));
      }
      return pending.length;
    },

    close(): void {
      cancelWait?.();
    },

    /** Rows that are held. */
    get size() {
      return pending.length;
    },
  };
}
