/** How a portion of the history goes from PostgreSQL to Cassandra while others write and delete. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createHistoryCopy, type HistoryCopy } from '../../src/adapters/cassandra/history-copy.js';
import { notedDays } from '../../src/adapters/cassandra/noted-days.js';
import { togetherHistories } from '../../src/adapters/histories-together.js';
import {
  createDepartingHistory,
  type DepartingHistory,
  type Portion,
} from '../../src/adapters/postgres/departing-history.js';
import { createHistoryStore } from '../../src/adapters/postgres/history-store.js';
import { createHistoryWriter } from '../../src/adapters/postgres/history-writer.js';
import { returnHistory } from '../../src/cli/move-history/history-return.js';
import type { HistoryRow, HistoryWriter } from '../../src/services/history-buffer.js';
import type { HistoryStore } from '../../src/services/location-history.js';
import { HISTORY_NOW_MS as NOW_MS } from '../adapters/contracts/history-writer.js';
import { createFakeClock } from '../support/fake-clock.js';
import { type CassandraHistoryUnderTest, openCassandraHistory } from './cassandra-history.js';

const DAY_MS = 86_400_000;
const EVER = { fromMs: null, toMs: null };

let history: CassandraHistoryUnderTest;
let postgres: { readonly writer: HistoryWriter; readonly store: HistoryStore };
let from: DepartingHistory;
let to: HistoryCopy;
/** As servers have it while the history is moved. */
let together: HistoryStore;
let ann: string;

beforeAll(async () => {
  history = await openCassandraHistory();
  const { pool, client, store } = history;
  postgres = { writer: createHistoryWriter(pool), store: createHistoryStore(pool) };
  from = createDepartingHistory(pool, 500);
  const clock = createFakeClock(NOW_MS);
  to = createHistoryCopy({ client, store, requestsAtOnce: 8, retentionDays: 90, clock });
  together = togetherHistories(postgres.store, store);
});
afterAll(() => history.close());
beforeEach(async () => {
  await history.pool.query('TRUNCATE location_history, location_ids');
  ann = await history.newUser();
});

function row(recordedAtMs: number, fields: Partial<HistoryRow> = {}): HistoryRow {
  return {
    userId: ann,
    id: randomUUID(),
    fingerprint: null,
    latitude: 1,
    longitude: 2,
    accuracyMeters: null,
    recordedAtMs,
    receivedAtMs: NOW_MS,
    ...fields,
  };
}

async function portionOf(recordedAtMs: number): Promise<Portion> {
  const portion = await from.nextPortion(Math.floor(recordedAtMs / DAY_MS), null);
  if (portion === null) throw new Error('nothing to move');
  return portion;
}

/** @param copy default: the whole copy. */
async function move(recordedAtMs: number, copy: Parameters<DepartingHistory['take']>[1] = copyAll) {
  return from.take(await portionOf(recordedAtMs), copy);
}
const copyAll: Parameters<DepartingHistory['take']>[1] = (rows, readMicros) => to.copy(rows, { readMicros });

const copiesOf = (userId: string) => history.store.read(userId, EVER, null, 1_000);
const leftOf = (userId: string) => postgres.store.read(userId, EVER, null, 1_000);

test('whatever a location is, both stores read the same of it, and it expires with its day', async () => {
  const finite = (max: number) => fc.double({ min: 0, max, noNaN: true });
  const motion = fc
    .option(finite(359), { nil: undefined })
    .map((value) => value && Math.round(value * 1e3) / 1e3);
  const fields = fc.record({
    latitude: finite(90),
    longitude: finite(180).map((value) => -value),
    accuracyMeters: fc.option(finite(1e6)),
    speedMetersPerSecond: motion,
    headingDegrees: motion,
    receivedAtMs: fc.integer({ min: NOW_MS - DAY_MS, max: NOW_MS }),
  });
  const time = NOW_MS - 88 * DAY_MS;
  await postgres.writer.write(fc.sample(fields, 400).map((some, nth) => row(time + nth, some)));
  const before = await leftOf(ann);
  expect(await move(time)).toEqual({ rows: 400, keptOf: [] });
  expect(await copiesOf(ann)).toEqual(before);
  expect(await leftOf(ann)).toEqual([]);
  const ttls = await history.client.execute(
    'SELECT ttl(latitude) AS left FROM locations WHERE user_id = ? ALLOW FILTERING',
    [ann],
  );
  // Half a day until midnight, and the two days that are left.
  for (const { left } of ttls.rows) {
    expect(left).toBeGreaterThan(2.5 * 86_400 - 60);
    expect(left).toBeLessThanOrEqual(2.5 * 86_400);
  }
});

test('an id stands for what came first with it', async () => {
  const claimed = row(NOW_MS, { fingerprint: randomUUID() });
  await postgres.writer.write([claimed]);
  await move(NOW_MS);
  const { recordedAtMs } = claimed;
  const later = { ...claimed, recordedAtMs: NOW_MS + 5 };
  expect(await history.writer.write([later])).toEqual([{ kind: 'duplicate', recordedAtMs }]);
  expect(await history.writer.write([{ ...later, fingerprint: randomUUID() }])).toEqual([
    { kind: 'conflict' },
  ]);

  // Before it is moved a server can't know the id.
  const first = row(NOW_MS, { fingerprint: randomUUID() });
  const second = { ...first, fingerprint: randomUUID(), latitude: 9, accuracyMeters: 7, headingDegrees: 3 };
  await postgres.writer.write([first]);
  await history.writer.write([second]);
  expect(await together.read(ann, EVER, null, 10)).toHaveLength(2);
  expect(await together.fingerprintsOf(ann, [first.id])).toEqual([[first.id, first.fingerprint]]);
  expect(await move(NOW_MS)).toEqual({ rows: 1, keptOf: [] });
  const [copy] = (await copiesOf(ann)).filter(({ id }) => id === first.id);
  expect(copy).toMatchObject({ latitude: 1, accuracyMeters: null, headingDegrees: undefined });
  const duplicate = { kind: 'duplicate', recordedAtMs: first.recordedAtMs };
  expect(await history.writer.write([{ ...first, recordedAtMs: NOW_MS + 5 }])).toEqual([duplicate]);
  expect(await history.writer.write([second])).toEqual([{ kind: 'conflict' }]);
});

test('what was recorded twice under one id, in both stores, goes there and back', async () => {
  const [once, again, later] = [NOW_MS - 9_000, NOW_MS - 6_000, NOW_MS - 3_000];
  const first = row(once, { fingerprint: randomUUID() });
  await postgres.writer.write([first, row(later)]);
  await history.writer.write([{ ...first, recordedAtMs: again }]);
  expect(await move(NOW_MS)).toEqual({ rows: 2, keptOf: [] });
  const times = [later, again, once];
  expect((await copiesOf(ann)).map(({ recordedAtMs }) => recordedAtMs)).toEqual(times);

  const outcome = await returnHistory({
    from: { store: history.store, days: () => notedDays(history.client) },
    to: postgres,
    others: async () => 0,
    print: () => undefined,
    signal: new AbortController().signal,
  });
  expect(outcome).toMatchObject({ kept: [] });
  expect((await leftOf(ann)).map(({ recordedAtMs }) => recordedAtMs)).toEqual(times);
  expect(await copiesOf(ann)).toEqual([]);
});

test('a deletion that comes while its rows are copied waits for them, and deletes the copies', async () => {
  const times = [3, 30].map((days) => NOW_MS - days * DAY_MS);
  await postgres.writer.write(times.map((time) => row(time, { fingerprint: randomUUID() })));
  for (const time of times) {
    let deletion: Promise<number> | undefined;
    let isDeleted = false;
    await move(time, async (rows, readMicros) => {
      deletion = together.delete(ann, { fromMs: time, toMs: time + 1 }).finally(() => (isDeleted = true));
      await expect.poll(waitsForLock).toBe(true);
      const differing = await copyAll(rows, readMicros);
      expect(isDeleted).toBe(false);
      return differing;
    });
    expect(await deletion).toBe(1);
  }
  expect(await together.read(ann, EVER, null, 10)).toEqual([]);
  expect(await history.idsKept(ann)).toBe(0);
});

async function waitsForLock(): Promise<boolean> {
  const { rowCount } = await history.pool.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rowCount !== 0;
}

test('rows that PostgreSQL does not hold any more are not written: a deletion may have been', async () => {
  const time = NOW_MS - 10 * DAY_MS;
  await postgres.writer.write([row(time)]);
  const moving = move(time, async (rows, readMicros) => {
    let readings = 0;
    return to.copy(rows, {
      async readMicros() {
        // The connection breaks between the first time that is read and the rows.
        if (readings++ === 1) await history.pool.query(END_HOLDERS);
        return readMicros();
      },
    });
  });
  await expect(moving).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await copiesOf(ann)).toEqual([]);
  expect(await leftOf(ann)).toHaveLength(1);
});

const END_HOLDERS = `
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction'`;

test('rows of an account that is gone are deleted without a copy', async () => {
  const bob = await history.newUser();
  await postgres.writer.write([row(NOW_MS), row(NOW_MS, { userId: bob })]);
  await history.removeUser(ann);
  expect(await move(NOW_MS)).toEqual({ rows: 2, keptOf: [] });
  expect(await copiesOf(ann)).toEqual([]);
  expect(await copiesOf(bob)).toHaveLength(1);
});

test('while a history is in two stores it is paged through once, in order', async () => {
  const times = fc.array(fc.record({ at: fc.nat(20), isOld: fc.boolean(), isNew: fc.boolean() }), {
    maxLength: 15,
  });
  await fc.assert(
    fc.asyncProperty(
      times,
      fc.boolean(),
      fc.integer({ min: 1, max: 6 }),
      async (places, oldestFirst, size) => {
        ann = await history.newUser();
        const rows = places.map((place) => ({ ...place, row: row(NOW_MS - place.at * 1_000) }));
        await postgres.writer.write(rows.filter(({ isOld }) => isOld).map((one) => one.row));
        await history.writer.write(rows.filter(({ isNew }) => isNew).map((one) => one.row));
        const expected = rows
          .filter(({ isOld, isNew }) => isOld || isNew)
          .map((one) => `${one.row.recordedAtMs} ${one.row.id}`)
          .sort();
        const read: string[] = [];
        for (let after = null, more = true; more;) {
          const page = await together.read(ann, { ...EVER, oldestFirst }, after, size);
          read.push(...page.map(({ recordedAtMs, id }) => `${recordedAtMs} ${id}`));
          const last = page.at(-1);
          more = last !== undefined;
          after = last === undefined ? null : { atMs: last.recordedAtMs, id: last.id };
        }
        expect(read).toEqual(oldestFirst ? expected : expected.reverse());
      },
    ),
    { numRuns: 15 },
  );
});
