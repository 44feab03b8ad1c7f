/** What holds of a location that comes again once its id is forgotten: after days, or after PostgreSQL crashed. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { REMEMBERED_ID_DAYS } from '../../../src/adapters/claimed-ids.js';
import { maintainPartitions } from '../../../src/adapters/postgres/history-partitions.js';
import { createHistoryStore } from '../../../src/adapters/postgres/history-store.js';
import { createHistoryWriter } from '../../../src/adapters/postgres/history-writer.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { createLogger } from '../../../src/log.js';
import type { HistoryRow, HistoryWriter } from '../../../src/services/history-buffer.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const DAY_MS = 86_400_000;
const RETENTION_DAYS = 90;
/** Half a day into 22 November. */
const NOW_MS = Date.UTC(2026, 10, 22, 12);

let database: TestDatabase;
let pool: pg.Pool;
let writer: HistoryWriter;
let ann: string;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { log: createLogger('silent') });
  writer = createHistoryWriter(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  ann = randomUUID();
  const handle = `u${ann.replaceAll('-', '').slice(0, 20)}`;
  await pool.query('INSERT INTO users (id, handle, display_name) VALUES ($1, $2, $2)', [ann, handle]);
});

const sent = (contents: Partial<HistoryRow> = {}): HistoryRow => ({
  userId: ann,
  id: randomUUID(),
  fingerprint: randomUUID(),
  latitude: 37.98,
  longitude: 23.73,
  accuracyMeters: 12,
  speedMetersPerSecond: 1.5,
  headingDegrees: 90,
  recordedAtMs: NOW_MS,
  receivedAtMs: NOW_MS,
  ...contents,
});

const recorded = { kind: 'recorded' };
const conflict = { kind: 'conflict' };
const historyOf = (userId: string) =>
  createHistoryStore(pool).read(userId, { fromMs: null, toMs: null }, null, 100);

/** As PostgreSQL does when it starts again after a crash, and on a standby that takes over. */
const forgetAll = () => pool.query('TRUNCATE location_ids');

test('ids are not logged, which is what makes a crash forget them', async () => {
  const { rows } = await pool.query(
    `SELECT relpersistence FROM pg_class WHERE oid = 'location_ids'::regclass`,
  );
  expect(rows).toEqual([{ relpersistence: 'u' }]);
});

test('ids are forgotten with the day of their location, and locations are not', async () => {
  await maintainPartitions(pool, NOW_MS, RETENTION_DAYS);
  const midnight = Math.floor(NOW_MS / DAY_MS) * DAY_MS;
  const last = midnight - (REMEMBERED_ID_DAYS - 1) * DAY_MS;
  const rows = [last - 1, last, NOW_MS].map((recordedAtMs) => sent({ recordedAtMs }));
  await writer.write(rows);
  const known = async () => (await pool.query('SELECT id FROM location_ids WHERE user_id = $1', [ann])).rows;
  expect(await known()).toHaveLength(3);
  await maintainPartitions(pool, NOW_MS + DAY_MS, RETENTION_DAYS);
  expect((await known()).map(({ id }: { id: string }) => id).sort()).toEqual(
    [rows[1]?.id, rows[2]?.id].sort(),
  );
  expect(await historyOf(ann)).toHaveLength(3);
});

test('ids are never remembered longer than their locations', async () => {
  const row = sent({ recordedAtMs: NOW_MS - DAY_MS });
  await writer.write([row]);
  await maintainPartitions(pool, NOW_MS + DAY_MS, 1);
  expect((await pool.query('SELECT FROM location_ids WHERE user_id = $1', [ann])).rowCount).toBe(0);
  expect(await historyOf(ann)).toHaveLength(0);
});

describe('when its id is forgotten', () => {
  test('a location that comes again with its time is recorded once', async () => {
    const rows = [sent(), sent({ speedMetersPerSecond: undefined, accuracyMeters: null })];
    await writer.write(rows);
    await forgetAll();
    expect(await writer.write([...rows, sent()])).toEqual([recorded, recorded, recorded]);
    expect(await writer.write(rows)).toEqual([recorded, recorded]);
    expect(await historyOf(ann)).toHaveLength(3);
  });

  test.each([
    ['place', { latitude: 1 }],
    ['accuracy', { accuracyMeters: null }],
    ['speed', { speedMetersPerSecond: 2 }],
    ['direction', { headingDegrees: undefined }],
  ])('another %s at the same time under it is a conflict, and the location stays', async (_what, other) => {
    const row = sent();
    await writer.write([row]);
    await forgetAll();
    const changed = { ...row, ...other, fingerprint: randomUUID() };
    expect(await writer.write([changed, sent()])).toEqual([conflict, recorded]);
    expect(await writer.write([row])).toEqual([recorded]);
    expect(await writer.write([changed])).toEqual([conflict]);
    const [kept] = (await historyOf(ann)).filter(({ id }) => id === row.id);
    expect(kept).toMatchObject({ latitude: 37.98, accuracyMeters: 12, speedMetersPerSecond: 1.5 });
  });

  test('another time under it makes another location', async () => {
    const row = sent();
    await writer.write([row]);
    await forgetAll();
    expect(await writer.write([{ ...row, recordedAtMs: NOW_MS - 1, fingerprint: randomUUID() }])).toEqual([
      recorded,
    ]);
    expect(await historyOf(ann)).toHaveLength(2);
  });
});
