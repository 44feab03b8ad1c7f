import type { Motion } from '../../../src/domain/motion.js';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { maintainPartitions } from '../../../src/adapters/postgres/history-partitions.js';
import { createHistoryStore } from '../../../src/adapters/postgres/history-store.js';
import { createHistoryWriter } from '../../../src/adapters/postgres/history-writer.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import type { Viewer } from '../../../src/domain/user.js';
import { createLogger } from '../../../src/log.js';
import type { HistoryRow, HistoryWriter } from '../../../src/services/history-buffer.js';
import {
  createLocationHistory,
  type HistoryRange,
  type LocationHistory,
  type TimeRange,
} from '../../../src/services/location-history.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const DAY_MS = 86_400_000;
const MIDNIGHT_MS = Date.UTC(2026, 10, 22);
const NOW_MS = MIDNIGHT_MS + DAY_MS / 2;
const EVER: TimeRange = { fromMs: null, toMs: null };

let database: TestDatabase;
let pool: pg.Pool;
let writer: HistoryWriter;
let history: LocationHistory;
let ann: Viewer;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { log: createLogger('silent') });
  await maintainPartitions(pool, NOW_MS, 90);
  writer = createHistoryWriter(pool);
  history = createLocationHistory(createHistoryStore(pool));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  ann = await newViewer();
});

async function newViewer(): Promise<Viewer> {
  const userId = randomUUID();
  const handle = `u${userId.replaceAll('-', '').slice(0, 20)}`;
  await pool.query('INSERT INTO users (id, handle, display_name) VALUES ($1, $2, $2)', [userId, handle]);
  return { userId, sessionId: null, expiresAtMs: Infinity, keyId: null };
}

function row(recordedAtMs: number, id: string = randomUUID(), { userId } = ann): HistoryRow {
  return {
    userId,
    id,
    fingerprint: randomUUID(),
    latitude: 1,
    longitude: 2,
    accuracyMeters: null,
    recordedAtMs,
    receivedAtMs: NOW_MS,
  };
}

const timesOf = ({ items }: { items: readonly { node: { recordedAtMs: number } }[] }): number[] =>
  items.map(({ node }) => node.recordedAtMs);

async function readAll(range: HistoryRange, pageSize: number, betweenPages?: () => Promise<unknown>) {
  const read: { id: string; recordedAtMs: number }[] = [];
  let after: string | null = null;
  for (;;) {
    const page = await history.page(ann, range, pageSize, after);
    expect(page.items.length).toBeLessThanOrEqual(pageSize);
    expect(page.hasPreviousPage).toBe(after !== null);
    read.push(...page.items.map(({ node }) => node));
    if (!page.hasNextPage) return read;
    after = page.items.at(-1)?.cursor ?? null;
    await betweenPages?.();
  }
}

describe('reading', () => {
  test('is newest first or oldest first, equal times by id, page by page, across partitions', async () => {
    const times = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 1, max: 8 }), async (steps, pageSize) => {
        ann = await newViewer();
        const rows = steps.map((step) => row(MIDNIGHT_MS + step * (DAY_MS / 2)));
        await writer.write(rows);
        const expected = rows
          .toSorted((a, b) => b.recordedAtMs - a.recordedAtMs || (a.id < b.id ? 1 : -1))
          .map(({ id }) => id);
        expect((await readAll(EVER, pageSize)).map(({ id }) => id)).toEqual(expected);
        const upwards = await readAll({ ...EVER, oldestFirst: true }, pageSize);
        expect(upwards.map(({ id }) => id)).toEqual(expected.toReversed());
      }),
      { numRuns: 15 },
    );
  });

  test('keeps its place while rows are added before and behind it', async () => {
    const rows = Array.from({ length: 30 }, (_, index) => row(NOW_MS - index * 1_000));
    await writer.write(rows);
    let added = 0;
    const read = await readAll(EVER, 7, () => writer.write([row(NOW_MS + ++added)]));
    expect(added).toBeGreaterThan(2);
    expect(read.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    const behind = [row(NOW_MS - 29_500)];
    const withBehind = await readAll(EVER, 20, () => writer.write(behind));
    expect(withBehind.map(({ id }) => id)).toContain(behind[0]?.id);
  });

  test('takes [from, to)', async () => {
    const times = [NOW_MS - 2, NOW_MS - 1, NOW_MS, NOW_MS + 1];
    await writer.write(times.map((time) => row(time)));
    const read = async (fromMs: number | null, toMs: number | null) =>
      timesOf(await history.page(ann, { fromMs, toMs }, 10)).toReversed();
    expect(await read(NOW_MS - 1, NOW_MS + 1)).toEqual([NOW_MS - 1, NOW_MS]);
    expect(await read(null, NOW_MS)).toEqual([NOW_MS - 2, NOW_MS - 1]);
    expect(await read(NOW_MS, null)).toEqual([NOW_MS, NOW_MS + 1]);
    expect(await read(NOW_MS, NOW_MS)).toEqual([]);
    expect(await read(NOW_MS + 1, NOW_MS - 1)).toEqual([]);
    expect((await readAll({ fromMs: NOW_MS - 1, toMs: NOW_MS + 1 }, 1)).map((l) => l.recordedAtMs)).toEqual([
      NOW_MS,
      NOW_MS - 1,
    ]);
  });

  test.each<Motion>([
    {},
    { speedMetersPerSecond: 9999.999, headingDegrees: 0.001 },
    { headingDegrees: 359.999 },
  ])('gives back what was recorded, to the last decimal, with %o', async (motion) => {
    const place = { ...motion, latitude: -89.9999999, longitude: 0.3, accuracyMeters: 1e-300 };
    const recorded = { ...row(NOW_MS - 123), ...place };
    await writer.write([recorded]);
    const { userId: _userId, fingerprint: _fingerprint, ...location } = recorded;
    expect((await history.page(ann, EVER, 1)).items.map(({ node }) => node)).toEqual([location]);
  });

  test('never shows anybody else’s', async () => {
    const bob = await newViewer();
    await writer.write([row(NOW_MS, randomUUID(), bob)]);
    expect((await history.page(ann, EVER, 10)).items).toEqual([]);
    const { items } = await history.page(bob, EVER, 10);
    expect((await history.page(ann, EVER, 10, items[0]?.cursor)).items).toEqual([]);
  });

  test('refuses a page size or a cursor that is none', async () => {
    for (const first of [-1, 1.5, 99_999_999, NaN]) {
      await expect(history.page(ann, EVER, first)).rejects.toMatchObject({ kind: 'invalid' });
    }
    for (const cursor of ['', 'x', Buffer.from("1' OR 1=1 --").toString('base64url')]) {
      await expect(history.page(ann, EVER, 1, cursor)).rejects.toMatchObject({ kind: 'invalid' });
    }
    expect(await history.page(ann, EVER, 0)).toEqual({
      items: [],
      hasNextPage: false,
      hasPreviousPage: false,
    });
  });
});

describe('deleting', () => {
  const idsKept = async (): Promise<number> => {
    const { rowCount } = await pool.query('SELECT FROM location_ids WHERE user_id = $1', [ann.userId]);
    return rowCount ?? 0;
  };

  test('takes [from, to) away, with the fingerprints, and tells how many', async () => {
    const times = [NOW_MS - 3 * DAY_MS, NOW_MS - 1, NOW_MS, NOW_MS + 1, NOW_MS + DAY_MS];
    await writer.write(times.map((time) => row(time)));
    expect(await history.delete(ann, { fromMs: NOW_MS - 1, toMs: NOW_MS + 1 })).toBe(2);
    expect(timesOf(await history.page(ann, EVER, 10)).toReversed()).toEqual([times[0], times[3], times[4]]);
    expect(await idsKept()).toBe(3);
    expect(await history.delete(ann, { fromMs: NOW_MS + 1, toMs: null })).toBe(2);
    expect(await history.delete(ann, { fromMs: null, toMs: NOW_MS - 1 })).toBe(1);
    expect(await idsKept()).toBe(0);
    expect(await history.delete(ann, EVER)).toBe(0);
  });

  test('of everything leaves other users alone, and the ids may be used again', async () => {
    const bob = await newViewer();
    const id = randomUUID();
    await writer.write([row(NOW_MS, id), row(NOW_MS - 1), row(NOW_MS, id, bob)]);
    expect(await history.delete(ann, EVER)).toBe(2);
    expect((await history.page(bob, EVER, 10)).items).toHaveLength(1);
    expect(await writer.write([row(NOW_MS - 5, id)])).toEqual([{ kind: 'recorded' }]);
  });
});

describe('what is read by time', () => {
  /** The partitions that each of several reads looked into, by PostgreSQL's own plans of the queries that it ran. */
  async function touched(range: HistoryRange): Promise<string[]> {
    const explained = createPool(database.url, { log: createLogger('silent'), maxConnections: 1 });
    const client = await explained.connect();
    const plans: string[] = [];
    client.on('notice', ({ message }) => plans.push(message ?? ''));
    await client.query(`LOAD 'auto_explain'; SET client_min_messages = log;
      SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on`);
    client.release();
    const store = createHistoryStore(explained);
    // From the sixth time on, a named statement may have a plan that knows no values.
    for (let time = 0; time < 8; time++) await store.read(ann.userId, range, null, 10);
    await explained.end();
    const reads = plans.filter((plan) => plan.includes('ORDER BY recorded_at'));
    expect(reads).toHaveLength(8);
    const scans = reads.map((plan) =>
      plan
        .split('\n')
        .filter((line) => !line.includes('never executed'))
        .join('\n'),
    );
    const names = scans.map((text) => new Set(text.match(/(?<= on location_history_)(\d{8}|default)/g)));
    for (const each of names) expect(each).toEqual(names[0]);
    return [...(names[0] ?? [])].sort();
  }

  test('lies in the partitions of the range; no others are looked into', async () => {
    expect(await touched({ fromMs: MIDNIGHT_MS, toMs: MIDNIGHT_MS + DAY_MS })).toEqual(['20261122']);
    const day = { fromMs: MIDNIGHT_MS, toMs: MIDNIGHT_MS + DAY_MS };
    expect(await touched({ ...day, oldestFirst: true })).toEqual(['20261122']);
    expect(await touched({ fromMs: MIDNIGHT_MS - 1, toMs: MIDNIGHT_MS + 1 })).toEqual([
      '20261121',
      '20261122',
    ]);
    expect(await touched({ fromMs: null, toMs: MIDNIGHT_MS })).toEqual(['20261121', 'default']);
    expect(await touched(EVER)).toHaveLength(10);
  });
});
