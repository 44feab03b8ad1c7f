/**
 * The history of the compared systems: the project's own statement and limits (up to 10,000 rows a commit, the first row
 * waits 10 ms for others, one commit at a time), without what the project adds around it.
 */
import { v7 as newId } from 'uuid';
import { createHistoryWriter } from '../../src/adapters/postgres/history-writer.js';
import { type PlaceInput, pool } from './common.js';

const MAX_BATCH_ROWS = 10_000;
const LINGER_MS = 10;

type Row = Parameters<typeof writer.write>[0][number];

const writer = createHistoryWriter(pool);
const rows: Row[] = [];
const settles: (() => void)[] = [];
let isBusy = false;

/** Resolves when the place is committed. A failed commit ends the process: there is nothing to compare then. */
export function record(userId: string, place: PlaceInput, now: Date): Promise<void> {
  const { latitude, longitude, accuracyMeters = null } = place;
  const times = { recordedAtMs: now.getTime(), receivedAtMs: now.getTime() };
  return recordRow({ userId, id: newId(), fingerprint: null, latitude, longitude, accuracyMeters, ...times });
}

export function recordRow(row: Row): Promise<void> {
  return new Promise((settle) => {
    rows.push(row);
    settles.push(settle);
    schedule();
  });
}

function schedule(): void {
  if (isBusy) return;
  isBusy = true;
  setTimeout(() => void commit(), LINGER_MS);
}

async function commit(): Promise<void> {
  while (rows.length > 0) {
    const batch = rows.splice(0, MAX_BATCH_ROWS);
    const settled = settles.splice(0, MAX_BATCH_ROWS);
    await writer.write(batch);
    for (const settle of settled) settle();
    if (rows.length > 0 && rows.length < MAX_BATCH_ROWS) break;
  }
  isBusy = false;
  if (rows.length > 0) schedule();
}
