/** What only a history in Cassandra has to show, beside the contracts. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dateOf, dayOf } from '../../src/adapters/cassandra/days.js';
import { createHistoryWriter } from '../../src/adapters/cassandra/history-writer.js';
import { createAccountsStore } from '../../src/adapters/postgres/accounts-store.js';
import { createPrisma } from '../../src/adapters/postgres/prisma.js';
import { whileUsersStay } from '../../src/adapters/postgres/while-users-stay.js';
import {
  createStore,
  createWriter,
  openCassandraHistory,
  type CassandraHistoryUnderTest,
} from './cassandra-history.js';
import { REMEMBERED_ID_DAYS } from '../../src/adapters/claimed-ids.js';
import type { HistoryRow } from '../../src/services/history-buffer.js';
import { HISTORY_NOW_MS as NOW_MS } from '../adapters/contracts/history-writer.js';
import { createFakeClock } from '../support/fake-clock.js';

const DAY_MS = 86_400_000;
const EVER = { fromMs: null, toMs: null };
const recorded = { kind: 'recorded' };

let history: CassandraHistoryUnderTest;
let ann: string;

beforeAll(async () => {
  history = await openCassandraHistory();
});
afterAll(() => history.close());
beforeEach(async () => {
  ann = await history.newUser();
});

function row(recordedAtMs: number, id: string = randomUUID(), userId = ann): HistoryRow {
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

/** How many rows of each table are of the user. */
async function rowsLeft(userId: string): Promise<Record<string, number>> {
  const tables = ['locations', 'location_ids', 'location_days'];
  const counts = tables.map(async (table) => {
    const query = `SELECT user_id FROM ${table} WHERE user_id = ? ALLOW FILTERING`;
    return [table, (await history.client.execute(query, [userId])).rowLength] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

const NOTHING = { locations: 0, location_ids: 0, location_days: 0 };

/** Runs `work` and resolves to the statements that were sent meanwhile. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const sent: string[] = [];
  const execute = history.client.execute.bind(history.client);
  history.client.execute = ((query: string, ...rest: [never]) => {
    sent.push(query);
    return execute(query, ...rest);
  }) as typeof execute;
  await work();
  history.client.execute = execute;
  return sent;
}

describe('days', () => {
  test('without locations cost nothing, however many lie between two pages', async () => {
    const times = [NOW_MS, NOW_MS - 40 * DAY_MS, NOW_MS - 89 * DAY_MS];
    await history.writer.write(times.map((time) => row(time)));
    const reads = await statementsOf(async () => {
      const all = await history.store.read(ann, EVER, null, 10);
      expect(all.map(({ recordedAtMs }) => recordedAtMs)).toEqual(times);
    });
    expect(reads).toHaveLength(4);
    const last = await statementsOf(() => history.store.read(ann, { ...EVER, oldestFirst: true }, null, 1));
    expect(last).toHaveLength(2);
  });

  test('that a deletion empties are noted again when another server, which noted them before, writes', async () => {
    const other = createWriter(history, createFakeClock(NOW_MS));
    for (const daysAgo of [0, 1, 2, 3, 30]) {
      const time = NOW_MS - daysAgo * DAY_MS;
      await other.write([row(time)]);
      expect(await history.store.delete(ann, EVER)).toBe(1);
      expect(await other.write([row(time)])).toEqual([recorded]);
      const left = await history.store.read(ann, EVER, null, 10);
      expect(left.map(({ recordedAtMs }) => recordedAtMs)).toEqual([time]);
      await history.store.delete(ann, EVER);
    }
    // Of the last three days it stays known that there was something.
    expect(await rowsLeft(ann)).toEqual({ ...NOTHING, location_days: 3 });
  });

  test('that a deletion forgot are noted again, however long ago the same server noted them', async () => {
    const clock = createFakeClock(NOW_MS);
    const server = createWriter(history, clock);
    await server.write([row(NOW_MS)]);
    await clock.advance(5 * DAY_MS);
    expect(await createStore(history, clock).delete(ann, EVER)).toBe(1);
    await server.write([row(NOW_MS + 1)]);
    expect(await createStore(history, clock).read(ann, EVER, null, 10)).toHaveLength(1);
  });
});

describe('ids', () => {
  test('that were claimed by a server that ended before it wrote the location get it by the retry', async () => {
    const claimed = row(NOW_MS - 1_000);
    const claim =
      'INSERT INTO location_ids (user_id, id, recorded_at, fingerprint) VALUES (?, ?, ?, ?) IF NOT EXISTS';
    const { userId, id, fingerprint, recordedAtMs } = claimed;
    await history.client.execute(claim, [userId, id, new Date(recordedAtMs), fingerprint]);
    const retry = { ...claimed, recordedAtMs: NOW_MS };
    expect(await history.writer.write([retry])).toEqual([{ kind: 'duplicate', recordedAtMs }]);
    const [kept] = await history.store.read(ann, EVER, null, 10);
    expect(kept).toMatchObject({ id, recordedAtMs });
  });

  const threeServers = () => [0, 1, 2].map(() => createWriter(history, createFakeClock(NOW_MS)));

  test('with the device’s time are one location each, also when several servers write them at once', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => row(NOW_MS - 1 - index));
    const answers = await Promise.all(threeServers().map((server) => server.write(rows)));
    expect(answers.flat()).toEqual(Array(60).fill(recorded));
    expect(await history.store.read(ann, EVER, null, 100)).toHaveLength(20);
  });

  test('stand for the contents of one of the servers that write at once where they give the time', async () => {
    const servers = threeServers();
    const ids = Array.from({ length: 20 }, () => randomUUID());
    const answers = await Promise.all(
      servers.map((server) => server.write(ids.map((id) => row(NOW_MS, id)))),
    );
    expect(answers.flat().filter(({ kind }) => kind === 'recorded')).toHaveLength(20);
    expect(await history.store.read(ann, EVER, null, 100)).toHaveLength(20);
  });
});

describe('when its id is forgotten', () => {
  const later = () => createWriter(history, createFakeClock(NOW_MS + (REMEMBERED_ID_DAYS + 1) * DAY_MS));
  const moving = (): HistoryRow => ({
    ...row(NOW_MS - 1),
    accuracyMeters: 12,
    speedMetersPerSecond: 1.3,
    headingDegrees: 90.1,
  });

  test('a location that comes again with its time is recorded once', async () => {
    const rows = [moving(), row(NOW_MS - 2)];
    await history.writer.write(rows);
    expect(await later().write([...rows, row(NOW_MS)])).toEqual([recorded, recorded, recorded]);
    expect(await history.store.read(ann, EVER, null, 100)).toHaveLength(3);
  });

  test.each([
    ['place', { latitude: 3 }],
    ['accuracy', { accuracyMeters: null }],
    ['speed', { speedMetersPerSecond: 2 }],
    ['direction', { headingDegrees: undefined }],
  ])('another %s at the same time under it is a conflict, and the location stays', async (_what, other) => {
    const first = moving();
    await history.writer.write([first]);
    const changed = { ...first, ...other, fingerprint: randomUUID() };
    expect(await later().write([changed])).toEqual([{ kind: 'conflict' }]);
    const [kept] = await history.store.read(ann, EVER, null, 100);
    expect(kept).toMatchObject({ latitude: 1, accuracyMeters: 12, speedMetersPerSecond: 1.3 });
  });
});

describe('retention', () => {
  test.each([
    // Half a day until midnight, and the days that are left.
    ['a location', 'locations', 'latitude', 88, 2.5],
    ['its id', 'location_ids', 'fingerprint', 1, REMEMBERED_ID_DAYS - 0.5],
  ])('lets %s expire when the whole day is past it', async (_what, table, column, daysAgo, daysLeft) => {
    await history.writer.write([row(NOW_MS - daysAgo * DAY_MS)]);
    const expected = daysLeft * 86_400;
    const query = `SELECT ttl(${column}) AS left FROM ${table} WHERE user_id = ? ALLOW FILTERING`;
    const { rows } = await history.client.execute(query, [ann]);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.['left']).toBeGreaterThan(expected - 60);
    expect(rows[0]?.['left']).toBeLessThanOrEqual(expected);
  });

  test('never lets a location that is past it stay for ever', async () => {
    await history.writer.write([row(NOW_MS - 200 * DAY_MS)]);
    const left = () => rowsLeft(ann);
    await expect.poll(left, { timeout: 10_000 }).toMatchObject({ locations: 0, location_ids: 0 });
  });

  test('that was shortened hides what is older at once', async () => {
    await history.writer.write([row(NOW_MS), row(NOW_MS - 10 * DAY_MS)]);
    const shorter = createStore(history, createFakeClock(NOW_MS), 7);
    expect(await shorter.read(ann, EVER, null, 10)).toHaveLength(1);
    expect(await shorter.read(ann, { ...EVER, oldestFirst: true }, null, 10)).toHaveLength(1);
    expect(await shorter.delete(ann, EVER)).toBe(2);
  });
});

test('what was recorded before the retention was shortened is deleted, also when later notes of its day have expired', async () => {
  const at = NOW_MS - 10 * DAY_MS;
  await history.writer.write([row(at)]);
  // Another server, by whose retention the day has a second left.
  const shortDays = 9;
  const endsMs = (Math.floor(at / DAY_MS) + 1 + shortDays) * DAY_MS;
  const shorter = createWriter(history, createFakeClock(endsMs - 1_000), shortDays);
  await shorter.write([row(at + 1)]);
  await expect.poll(async () => (await rowsLeft(ann))['locations'], { timeout: 10_000 }).toBe(1);
  expect(await history.store.delete(ann, EVER)).toBe(1);
  expect((await rowsLeft(ann))['locations']).toBe(0);
});

describe('an account that is deleted', () => {
  function accountsWith(eraseElsewhere: (userId: string) => Promise<void>) {
    return createAccountsStore(createPrisma(history.pool, 'public'), {
      sessionLifetimeMs: 0,
      eraseElsewhere,
    });
  }

  test('leaves nothing, also while servers go on writing', async () => {
    const accounts = accountsWith(history.store.eraseUser);
    let stopped = false;
    const servers = [0, 1].map(async (nth) => {
      const writer = createWriter(history, createFakeClock(NOW_MS));
      const answers = new Set<string>();
      for (let at = 0; !stopped; at++) {
        const rows = [
          row(NOW_MS - at),
          row(NOW_MS - (at % 80) * DAY_MS - nth),
          { ...row(NOW_MS - at), fingerprint: null },
        ];
        for (const { kind } of await writer.write(rows)) answers.add(kind);
      }
      return answers;
    });
    await expect
      .poll(async () => (await rowsLeft(ann))['locations'], { timeout: 20_000 })
      .toBeGreaterThan(50);
    await accounts.deleteUser(ann);
    await accounts.eraseHistory(ann);
    stopped = true;
    for (const answers of await Promise.all(servers)) expect(answers).toContain('recorded');
    expect(await rowsLeft(ann)).toEqual(NOTHING);
    expect(await history.writer.write([row(NOW_MS)])).toEqual([{ kind: 'unknown-user' }]);
    expect(await rowsLeft(ann)).toEqual(NOTHING);
  });

  test('is remembered until its history is erased, whatever ends the server meanwhile', async () => {
    await history.writer.write([row(NOW_MS), row(NOW_MS - DAY_MS)]);
    const failing = accountsWith(() => Promise.reject(new Error('the server ends here')));
    await failing.deleteUser(ann);
    await expect(failing.eraseHistory(ann)).rejects.toMatchObject({ kind: 'unavailable' });
    const next = accountsWith(history.store.eraseUser);
    expect(await next.unerasedUsers()).toEqual([ann]);
    await next.eraseHistory(ann);
    expect(await next.unerasedUsers()).toEqual([]);
    expect(await rowsLeft(ann)).toEqual(NOTHING);
  });

  test('is waited for by no write whose lock is gone before its day is noted', async () => {
    const writer = createHistoryWriter({
      client: history.client,
      whileUsersStay: (userIds, work) =>
        whileUsersStay(history.pool, userIds, (state) =>
          work({ ...state, readMicros: () => Promise.reject(new Error('the connection is lost')) }),
        ),
      retentionDays: 90,
      clock: createFakeClock(NOW_MS),
    });
    await expect(writer.write([row(NOW_MS)])).rejects.toMatchObject({ kind: 'unavailable' });
    expect((await rowsLeft(ann))['locations']).toBe(0);
  });

  test('leaves nothing of a write that arrives late, by whatever clock it is dated', async () => {
    await history.writer.write([row(NOW_MS)]);
    await history.store.eraseUser(ann);
    const inAnHour = BigInt(Date.now() + 3_600_000) * 1_000n;
    const late = `INSERT INTO locations (user_id, day, recorded_at, id, latitude) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?`;
    const day = dateOf(dayOf(NOW_MS));
    await history.client.execute(late, [ann, day, new Date(NOW_MS), randomUUID(), 1, inAnHour]);
    expect(await rowsLeft(ann)).toEqual(NOTHING);
  });
});
