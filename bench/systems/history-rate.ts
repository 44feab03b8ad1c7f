/**
 * Rows a second into the history table, and what they take of the disk: through the project's history buffer and writer,
 * without ids of the clients' own and with them, and by COPY on the same server and table, in turn. Prints a JSON list
 * of HistoryRun.
 */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { v7 as newId } from 'uuid';
import { createHistoryWriter } from '../../src/adapters/postgres/history-writer.js';
import { systemClock } from '../../src/services/clock.js';
import { createHistoryBuffer, type HistoryRow } from '../../src/services/history-buffer.js';
import { createServerTicks } from '../../src/services/ticks.js';
import type { HistoryRun } from '../workloads/history.js';
import { setting } from './common/setting.js';

const ROWS = Number(process.env['ROWS']);
const REPETITIONS = Number(process.env['REPETITIONS']);
/** As in src/node.ts. */
const LIMITS = { maxRows: 200_000, maxBatchRows: 10_000, lingerMs: 10 };
const LINES_AT_ONCE = 1_000;

const pool = new pg.Pool({ connectionString: setting.databaseUrl, max: 2 });

/** As they come in life: of all users in turn, one moment after the other. @param claimed with the clients' own ids. */
async function makeRows(claimed: boolean): Promise<HistoryRow[]> {
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

async function throughBuffer(rows: readonly HistoryRow[]): Promise<void> {
  const history = createHistoryBuffer({
    writer: createHistoryWriter(pool),
    clock: systemClock,
    ...LIMITS,
    ticks: createServerTicks(0, systemClock),
    meter: { refused: () => undefined, committed: () => undefined },
    onWriteFailed(error) {
      throw error;
    },
  });
  await Promise.all(rows.map((row) => history.record(row)));
  history.close();
}

/** One COPY for all rows: no group commits, no check of accounts or ids. */
async function byCopy(rows: readonly HistoryRow[]): Promise<void> {
  const client = await pool.connect();
  try {
    const stream = client.query(
      copyFrom(
        `COPY location_history (user_id, recorded_at, id, received_at, latitude, longitude, accuracy_meters) FROM STDIN`,
      ),
    );
    await pipeline(Readable.from(linesOf(rows)), stream);
  } finally {
    client.release();
  }
}

function* linesOf(rows: readonly HistoryRow[]): Generator<string> {
  for (let start = 0; start < rows.length; start += LINES_AT_ONCE) {
    yield rows
      .slice(start, start + LINES_AT_ONCE)
      .map((row) =>
        [
          row.userId,
          new Date(row.recordedAtMs).toISOString(),
          row.id,
          new Date(row.receivedAtMs).toISOString(),
          row.latitude,
          row.longitude,
          row.accuracyMeters,
        ].join('\t'),
      )
      .join('\n')
      .concat('\n');
  }
}

interface Sizes {
  readonly table: number;
  readonly index: number;
  readonly ids: number;
  /** Of the write-ahead log, since the database was made. */
  readonly wal: number;
}

/** Bytes on the disk. */
async function sizes(): Promise<Sizes> {
  const { rows } = await pool.query<Sizes>(
    `SELECT sum(pg_table_size(relid))::float8 AS table, sum(pg_indexes_size(relid))::float8 AS index,
            pg_total_relation_size('location_ids')::float8 AS ids,
            pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS wal
       FROM pg_partition_tree('location_history') WHERE isleaf`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('No history table');
  return row;
}

const results: HistoryRun[] = [];
// One more than counts: like every other system, no way is measured while V8 still compiles it.
for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
  for (const [way, write] of [
    ['buffer', throughBuffer],
    ['claimed', throughBuffer],
    ['copy', byCopy],
  ] as const) {
    const rows = await makeRows(way === 'claimed');
    await pool.query('TRUNCATE location_history, location_ids');
    await pool.query('CHECKPOINT');
    const before = await sizes();
    const beganMs = performance.now();
    await write(rows);
    const rowsPerSecond = (ROWS * 1_000) / (performance.now() - beganMs);
    const after = await sizes();
    const perRow = (name: keyof Sizes): number => (after[name] - before[name]) / ROWS;
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
