import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { maintainPartitions } from '../../../src/adapters/postgres/history-partitions.js';
import { createHistoryWriter } from '../../../src/adapters/postgres/history-writer.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { createLogger } from '../../../src/log.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const DAY_MS = 86_400_000;
const RETENTION_DAYS = 3;
/** Half a day into 22 November. */
const NOW_MS = Date.UTC(2026, 10, 22, 12);

let database: TestDatabase;
let pool: pg.Pool;
let ann: string;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { log: createLogger('silent') });
  ann = randomUUID();
  await pool.query(`INSERT INTO users (id, handle, display_name) VALUES ($1, 'ann', 'Ann')`, [ann]);
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

const upkeep = (nowMs: number, retentionDays = RETENTION_DAYS) =>
  maintainPartitions(pool, nowMs, retentionDays);

const namesOf = (...days: number[]): string[] => days.map((day) => `location_history_202611${day}`);

async function record(...times: number[]): Promise<void> {
  const answers = await createHistoryWriter(pool).write(
    times.map((recordedAtMs) => ({
      userId: ann,
      id: randomUUID(),
      fingerprint: randomUUID(),
      latitude: 1,
      longitude: 2,
      accuracyMeters: null,
      recordedAtMs,
      receivedAtMs: NOW_MS,
    })),
  );
  for (const answer of answers) expect(answer).toEqual({ kind: 'recorded' });
}

/** Partition and time of every row, oldest first. */
async function places(): Promise<[string, number][]> {
  const { rows } = await pool.query<{ name: string; at: number }>(
    `SELECT tableoid::regclass::text AS name, (extract(epoch FROM recorded_at) * 1000)::float8 AS at
       FROM location_history ORDER BY recorded_at`,
  );
  return rows.map(({ name, at }) => [name.replace('location_history_', ''), at]);
}

async function partitions(): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'location_history'::regclass ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

describe('partitions', () => {
  test('are made from yesterday to a week ahead, once', async () => {
    const made = namesOf(21, 22, 23, 24, 25, 26, 27, 28, 29);
    expect(await upkeep(NOW_MS)).toEqual({ made, dropped: [] });
    expect(await upkeep(NOW_MS + 1)).toEqual({ made: [], dropped: [] });
    expect(await partitions()).toEqual([...made, 'location_history_default']);
  });

  test('are there before midnight, also when the upkeep fails for a week', async () => {
    await upkeep(NOW_MS);
    const midnight = Date.UTC(2026, 10, 23);
    const week = Date.UTC(2026, 10, 30) - 1;
    await record(midnight - 1, midnight, week, week + 1);
    expect((await places()).map(([name]) => name)).toEqual(['20261122', '20261123', '20261129', 'default']);
  });

  test('are made day by day and dropped once a whole day is older than the retention', async () => {
    await upkeep(NOW_MS);
    expect(await upkeep(NOW_MS + DAY_MS)).toEqual({ made: namesOf(30), dropped: [] });
    expect((await upkeep(Date.UTC(2026, 10, 24, 23, 59))).dropped).toEqual([]);
    // At 25 November 00:00 what was recorded on the 22nd at 00:00 is three days old, and still kept.
    expect((await upkeep(Date.UTC(2026, 10, 25))).dropped).toEqual(namesOf(21));
    expect((await upkeep(Date.UTC(2026, 10, 28))).dropped).toEqual(namesOf(22, 23, 24));
    expect(await partitions()).not.toContain('location_history_20261124');
  });

  test('take over the rows that lay in the default one, all of them', async () => {
    const times = [-40, -13, -12, 0, 11, 12, 35, 36].map((hours) => NOW_MS + hours * 3_600_000);
    await record(...times);
    expect((await places()).every(([name]) => name === 'default')).toBe(true);
    await upkeep(NOW_MS);
    expect(await places()).toEqual([
      ['default', times[0]],
      ['20261121', times[1]],
      ['20261122', times[2]],
      ['20261122', times[3]],
      ['20261122', times[4]],
      ['20261123', times[5]],
      ['20261123', times[6]],
      ['20261124', times[7]],
    ]);
  });

  test('and the default one lose what is older than the retention, with its fingerprints', async () => {
    const oldest = Date.UTC(2026, 10, 19);
    await record(oldest - 1, oldest, NOW_MS - 2 * DAY_MS, NOW_MS);
    await upkeep(NOW_MS);
    expect((await places()).map(([, at]) => at)).toEqual([oldest, NOW_MS - 2 * DAY_MS, NOW_MS]);
    expect((await pool.query('SELECT FROM location_ids')).rowCount).toBe(3);
    await upkeep(NOW_MS + 10 * DAY_MS);
    expect(await places()).toEqual([]);
    expect((await pool.query('SELECT FROM location_ids')).rowCount).toBe(0);
  });

  test('take rows with the same index, so that a retry is known there too', async () => {
    const row = {
      userId: ann,
      id: randomUUID(),
      fingerprint: null,
      latitude: 1,
      longitude: 2,
      accuracyMeters: null,
      recordedAtMs: NOW_MS,
      receivedAtMs: NOW_MS,
    };
    const writer = createHistoryWriter(pool);
    await writer.write([row]);
    await upkeep(NOW_MS);
    await writer.write([row]);
    expect(await places()).toEqual([['20261122', NOW_MS]]);
  });
});

describe('upkeep', () => {
  test('by several servers at once is done by one, or one after the other, and never fails', async () => {
    const others = [1, 2, 3].map(() => createPool(database.url, { log: createLogger('silent') }));
    await record(NOW_MS);
    const results = await Promise.all(
      [pool, ...others].map((each) => maintainPartitions(each, NOW_MS, RETENTION_DAYS)),
    );
    expect(results.flatMap(({ made }) => made).sort()).toEqual(namesOf(21, 22, 23, 24, 25, 26, 27, 28, 29));
    expect(await places()).toEqual([['20261122', NOW_MS]]);
    expect(await upkeep(NOW_MS)).toEqual({ made: [], dropped: [] });
    await Promise.all(others.map((each) => each.end()));
  });

  test('goes on while rows are written, and loses none', async () => {
    let [stop, written] = [false, 0];
    const writing = (async () => {
      while (!stop) await record(NOW_MS + DAY_MS * (written++ % 9));
    })();
    await expect.poll(() => written).toBeGreaterThan(5);
    await upkeep(NOW_MS);
    stop = true;
    await writing;
    expect(await places()).toHaveLength(written);
  });

  test('gives its lock back also when it fails: a partition behind a long query is dropped the next time', async () => {
    await upkeep(NOW_MS);
    const reader = await pool.connect();
    await reader.query('BEGIN; SELECT FROM location_history_20261121');
    await expect(upkeep(NOW_MS + 5 * DAY_MS)).rejects.toMatchObject({ code: '55P03' });
    // What was made before stays.
    expect(await partitions()).toContain('location_history_20261204');
    await reader.query('COMMIT');
    reader.release();
    expect((await upkeep(NOW_MS + 5 * DAY_MS)).dropped).toEqual(namesOf(21, 22, 23));
  });
});
