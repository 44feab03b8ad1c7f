import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HistoryRow, HistoryWriter } from '../../../src/services/history-buffer.js';
import type { HistoryStore } from '../../../src/services/location-history.js';
import { HISTORY_NOW_MS as NOW_MS, historyWriterContract } from '../contracts/history-writer.js';
import { openPostgresHistory, type PostgresHistory } from '../contracts/postgres-history.js';

historyWriterContract('PostgreSQL', openPostgresHistory);

const DAY_MS = 86_400_000;
const EVER = { fromMs: null, toMs: null };
const recorded = { kind: 'recorded' };

let history: PostgresHistory;
let pool: pg.Pool;
let writer: HistoryWriter;
let store: HistoryStore;
let ann: string;

beforeAll(async () => {
  history = await openPostgresHistory();
  ({ pool, writer, store } = history);
});
afterAll(() => history.close());
beforeEach(async () => {
  ann = await history.newUser();
});

const readAll = () => store.read(ann, EVER, null, 10_000);

function row({ recordedAtMs = NOW_MS } = {}): HistoryRow {
  return {
    userId: ann,
    id: randomUUID(),
    fingerprint: null,
    latitude: 37.98,
    longitude: 23.73,
    accuracyMeters: null,
    recordedAtMs,
    receivedAtMs: NOW_MS,
  };
}

describe('times', () => {
  test('of midnight, yesterday, 89 days ago and days ahead find their partition', async () => {
    const midnight = Math.floor(NOW_MS / DAY_MS) * DAY_MS;
    const times = [
      midnight + 7 * DAY_MS,
      midnight + DAY_MS,
      midnight + DAY_MS - 1,
      midnight,
      midnight - 1,
      NOW_MS - DAY_MS,
      NOW_MS - 3 * DAY_MS,
      NOW_MS - 89 * DAY_MS,
    ];
    const rows = times.map((recordedAtMs) => row({ recordedAtMs }));
    expect(await writer.write(rows)).toEqual(times.map(() => recorded));
    expect((await readAll()).map(({ recordedAtMs }) => recordedAtMs)).toEqual(times);
    const { rows: places } = await pool.query<{ name: string }>(
      `SELECT tableoid::regclass::text AS name FROM location_history WHERE user_id = $1 ORDER BY recorded_at DESC`,
      [ann],
    );
    expect(places.map(({ name }) => name.replace('location_history_', ''))).toEqual([
      '20261129',
      '20261123',
      '20261122',
      '20261122',
      '20261121',
      '20261121',
      'default',
      'default',
    ]);
  });
});

test('a connection that breaks in the middle of a commit fails the write, and the next one works', async () => {
  // The writer finds a connection of its own, as it gives up waiting for the lock after a second.
  await Promise.all([pool.query('SELECT pg_sleep(0.1)'), pool.query('SELECT pg_sleep(0.1)')]);
  const blocker = await pool.connect();
  await blocker.query('BEGIN; LOCK TABLE location_history IN ACCESS EXCLUSIVE MODE');
  const rows = [row(), row()];
  const failed = expect(writer.write(rows)).rejects.toThrow();
  const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
  await expect.poll(async () => (await blocker.query(waiting)).rowCount).toBe(1);
  await blocker.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) AS stuck`);
  await failed;
  await blocker.query('ROLLBACK');
  blocker.release();
  expect(await writer.write(rows)).toEqual([recorded, recorded]);
  expect(await readAll()).toHaveLength(2);
});
