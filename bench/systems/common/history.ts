/**
 * The history of the compared systems: the project's own statement and limits (up to 10,000 rows a commit, the first
 * row waits 10 ms for others, one commit at a time), without what the project adds around it.
 */
import type pg from 'pg';
import { v7 as newId } from 'uuid';
import { createHistoryWriter } from '../../../src/adapters/postgres/history-writer.js';
import type { HistoryRow } from '../../../src/services/history-buffer.js';
import type { PlaceInput } from './place.js';

const MAX_BATCH_ROWS = 10_000;
const LINGER_MS = 10;

export type History = ReturnType<typeof createHistory>;

export function createHistory(pool: pg.Pool) {
  const writer = createHistoryWriter(pool);
  const rows: HistoryRow[] = [];
  const settles: (() => void)[] = [];
  let busy = false;

  async function commit(): Promise<void> {
    while (rows.length > 0) {
      const batch = rows.splice(0, MAX_BATCH_ROWS);
      const settled = settles.splice(0, MAX_BATCH_ROWS);
      await writer.write(batch);
      for (const settle of settled) settle();
      if (rows.length > 0 && rows.length < MAX_BATCH_ROWS) break;
    }
    busy = false;
    if (rows.length > 0) schedule();
  }

  function schedule(): void {
    if (busy) return;
    busy = true;
    setTimeout(() => void commit(), LINGER_MS);
  }

  return {
    /** Resolves when the row is committed. A failed commit ends the process: there is nothing to compare then. */
    record(
      userId: string,
      { latitude, longitude, accuracyMeters = null }: PlaceInput,
      now: Date,
    ): Promise<void> {
      const atMs = now.getTime();
      return new Promise((settle) => {
        rows.push({
          userId,
          id: newId(),
          fingerprint: null,
          latitude,
          longitude,
          accuracyMeters,
          recordedAtMs: atMs,
          receivedAtMs: atMs,
        });
        settles.push(settle);
        schedule();
      });
    },
  };
}
