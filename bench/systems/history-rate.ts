/**
 * Measures how fast rows get into the history and what they take of the disk: in group commits by the project's
 * statement, without ids of the clients' own and with them, and by one COPY, in turn. Prints a JSON list of HistoryRun.
 */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { v7 as newId } from 'uuid';
import type { HistoryRun } from '../workloads/history.js';
import { pool } from './common.js';
import { recordRow } from './history.js';

type Row = Parameters<typeof recordRow>[0];
type Bytes = HistoryRun['bytesPerRow'];

const ROWS = Number(process.env['ROWS']);
const REPETITIONS = Number(process.env['REPETITIONS']);
const LINES_AT_ONCE = 1_000;
const COPY =
  'COPY location_history (user_id, recorded_at, id, received_at, latitude, longitude, accuracy_meters) FROM STDIN';
/** Reads the bytes of the history and its index, of the clients' ids, and of the log since the database was made. */
const SIZES = `
  SELECT sum(pg_table_size(relid))::float8 AS table, sum(pg_indexes_size(relid))::float8 AS index,
         pg_total_relation_size('location_ids')::float8 AS ids,
         pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS wal
    FROM pg_partition_tree('location_history') WHERE isleaf`;

const ways = {
  batches: recordAll,
  claimed: recordAll,
  copy: copyAll,
} as const;

const results: HistoryRun[] = [];
// The first round does not count: V8 still compiles.
for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
  for (const way of ['batches', 'claimed', 'copy'] as const) {
    const rows = await makeRows(way === 'claimed');
    await pool.query('TRUNCATE location_history, location_ids');
    await pool.query('CHECKPOINT');
    const before = await sizes();
    const beganMs = performance.now();
    await ways[way](rows);
    const rowsPerSecond = (ROWS * 1_000) / (performance.now() - beganMs);
    const after = await sizes();
    const perRow = (name: keyof Bytes): number => (after[name] - before[name]) / ROWS;
    const bytesPerRow = {
      table: perRow('table'),
      index: perRow('index'),
      ids: perRow('ids'),
      wal: perRow('wal'),
    };
    if (repetition > 0) results.push({ way, rowsPerSecond, bytesPerRow });
  }
}
await pool.end();
console.log(JSON.stringify(results));

/** Makes rows as they come in life: of all users in turn, one moment after the other. */
async function makeRows(claimed: boolean): Promise<Row[]> {
  const users = (await pool.query<{ id: string }>('SELECT id FROM users')).rows;
  const startMs = Date.now();
  return Array.from({ length: ROWS }, (_, index) => ({
    userId: users[index % users.length]?.id ?? '',
    id: claimed ? randomUUID() : newId(),
    fingerprint: claimed ? randomUUID() : null,
    latitude: 37.9 + (index % 1_000) / 1e4,
    longitude: 23.7 + (index % 777) / 1e4,
    accuracyMeters: 12,
    recordedAtMs: startMs - (index % 1_000),
    receivedAtMs: startMs,
  }));
}

async function recordAll(rows: readonly Row[]): Promise<void> {
  await Promise.all(rows.map(recordRow));
}

/** Copies all rows at once: no group commits, no check of accounts or ids. */
async function copyAll(rows: readonly Row[]): Promise<void> {
  const client = await pool.connect();
  try {
    await pipeline(Readable.from(linesOf(rows)), client.query(copyFrom(COPY)));
  } finally {
    client.release();
  }
}

function* linesOf(rows: readonly Row[]): Generator<string> {
  for (let start = 0; start < rows.length; start += LINES_AT_ONCE) {
    const lines = rows.slice(start, start + LINES_AT_ONCE).map((row) => {
      const [recordedAt, receivedAt] = [row.recordedAtMs, row.receivedAtMs].map((ms) =>
        new Date(ms).toISOString(),
      );
      return [
        row.userId,
        recordedAt,
        row.id,
        receivedAt,
        row.latitude,
        row.longitude,
        row.accuracyMeters,
      ].join('\t');
    });
    yield `${lines.join('\n')}\n`;
  }
}

async function sizes(): Promise<Bytes> {
  const [row] = (await pool.query<Bytes>(SIZES)).rows;
  if (row === undefined) throw new Error('No history table');
  return row;
}
