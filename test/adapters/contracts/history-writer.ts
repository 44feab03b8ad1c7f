/** What a writer of the history promises, in PostgreSQL and in Cassandra. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../../src/adapters/fingerprint.js';
import type { HistoryRow, HistoryWriter } from '../../../src/services/history-buffer.js';
import type { HistoryStore } from '../../../src/services/location-history.js';

/** A history whose servers' clocks stand at HISTORY_NOW_MS and which keeps locations for 90 days. */
export interface HistoryUnderTest {
  readonly writer: HistoryWriter;
  readonly store: HistoryStore;
  /** Makes an account. */
  newUser(): Promise<string>;
  /** Removes an account, but nothing of its history. */
  removeUser(userId: string): Promise<void>;
  /** Counts the ids of clients that the user's locations have. */
  idsKept(userId: string): Promise<number>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
export const HISTORY_NOW_MS = Date.UTC(2026, 10, 22, 12);
const NOW_MS = HISTORY_NOW_MS;
const EVER = { fromMs: null, toMs: null };

export function historyWriterContract(name: string, open: () => Promise<HistoryUnderTest>): void {
  describe(`a history in ${name} is written: `, () => {
    let history: HistoryUnderTest;
    let writer: HistoryWriter;
    let store: HistoryStore;
    let ann: string;

    beforeAll(async () => {
      history = await open();
      ({ writer, store } = history);
    });
    afterAll(() => history.close());
    beforeEach(async () => {
      ann = await newUser();
    });

    const newUser = (): Promise<string> => history.newUser();

    /** A row with an id of the server's. */
    function row({ userId = ann, latitude = 37.98, recordedAtMs = NOW_MS }: Sent = {}): HistoryRow {
      return {
        userId,
        id: randomUUID(),
        fingerprint: null,
        latitude,
        longitude: 23.73,
        accuracyMeters: null,
        recordedAtMs,
        receivedAtMs: NOW_MS,
      };
    }

    /** A row with the client's id. */
    function clientRow(id: string, sent: Sent = {}): HistoryRow {
      const made = row(sent);
      const { latitude, longitude, accuracyMeters } = made;
      const reportedAtMs = sent.reportedAtMs === undefined ? made.recordedAtMs : sent.reportedAtMs;
      return {
        ...made,
        id,
        fingerprint: fingerprintOf({ latitude, longitude, accuracyMeters, reportedAtMs, motion: {} }),
      };
    }

    const recorded = { kind: 'recorded' };
    const conflict = { kind: 'conflict' };
    const readAll = (userId = ann) => store.read(userId, EVER, null, 10_000);

    describe('rows with ids of the server', () => {
      test('are recorded as they are', async () => {
        const rows = [
          { ...row({ recordedAtMs: NOW_MS - 1 }), latitude: -90, longitude: 180, accuracyMeters: 0.1 },
          { ...row({ recordedAtMs: NOW_MS - 2 }), latitude: 37.1234568, accuracyMeters: 0 },
        ];
        expect(await writer.write(rows)).toEqual([recorded, recorded]);
        expect(await readAll()).toEqual(
          rows.map(({ userId: _userId, fingerprint: _fingerprint, ...location }) => location),
        );
      });

      test('written twice, as after a commit whose answer was lost, are recorded once', async () => {
        const rows = Array.from({ length: 50 }, (_, index) => row({ recordedAtMs: NOW_MS - index }));
        await writer.write(rows);
        expect(await writer.write([...rows, row()])).toEqual(Array(51).fill(recorded));
        expect(await readAll()).toHaveLength(51);
      });

      test('of which some were written before, in other batches, are all recorded once, but for users who are gone', async () => {
        const rows = Array.from({ length: 30 }, (_, index) => row({ recordedAtMs: NOW_MS - index }));
        const gone = row({ userId: randomUUID() });
        await writer.write(rows.slice(20));
        await writer.write(rows.slice(0, 5));
        expect(await writer.write([gone, ...rows])).toEqual([
          { kind: 'unknown-user' },
          ...Array(30).fill(recorded),
        ]);
        expect(await writer.write([gone, row()])).toEqual([{ kind: 'unknown-user' }, recorded]);
        expect(await readAll()).toHaveLength(31);
      });

      test('written twice at once are recorded once', async () => {
        const rows = Array.from({ length: 200 }, (_, index) => row({ recordedAtMs: NOW_MS - index }));
        await Promise.all([writer.write(rows), writer.write(rows.toReversed()), writer.write(rows)]);
        expect(await readAll()).toHaveLength(200);
      });

      test('may be thousands in one commit', async () => {
        const users = await Promise.all(Array.from({ length: 20 }, () => newUser()));
        const rows = users.flatMap((userId) =>
          Array.from({ length: 250 }, (_, index) => row({ userId, recordedAtMs: NOW_MS - index })),
        );
        expect(await writer.write(rows)).toEqual(Array(5_000).fill(recorded));
        for (const userId of users) expect(await readAll(userId)).toHaveLength(250);
      });
    });

    describe('rows with ids of the client', () => {
      test('are recorded once, however often they are sent', async () => {
        const id = randomUUID();
        expect(await writer.write([clientRow(id), clientRow(id)])).toEqual([recorded, recorded]);
        expect(await writer.write([clientRow(id)])).toEqual([recorded]);
        expect(await readAll()).toHaveLength(1);
      });

      test('whose time was left to the server keep the first time', async () => {
        const id = randomUUID();
        const sent = (recordedAtMs: number) => clientRow(id, { recordedAtMs, reportedAtMs: null });
        const duplicate = { kind: 'duplicate', recordedAtMs: NOW_MS - 500 };
        expect(await writer.write([sent(NOW_MS - 500), sent(NOW_MS - 400)])).toEqual([recorded, duplicate]);
        expect(await writer.write([sent(NOW_MS)])).toEqual([duplicate]);
        expect((await readAll()).map(({ recordedAtMs }) => recordedAtMs)).toEqual([NOW_MS - 500]);
      });

      test('conflict with other contents under the same id, in a batch and in a later one', async () => {
        const id = randomUUID();
        const others = [
          clientRow(id, { latitude: 1 }),
          clientRow(id, { recordedAtMs: NOW_MS - 1 }),
          clientRow(id, { reportedAtMs: null }),
          { ...clientRow(id), fingerprint: randomUUID() },
        ];
        expect(await writer.write([clientRow(id), ...others])).toEqual([
          recorded,
          ...others.map(() => conflict),
        ]);
        for (const other of others) expect(await writer.write([other])).toEqual([conflict]);
        expect((await readAll()).map(({ latitude }) => latitude)).toEqual([37.98]);
      });

      test('conflict under concurrent writers: one of the contents is recorded, whichever', async () => {
        for (let round = 0; round < 20; round++) {
          const ids = Array.from({ length: 10 }, () => randomUUID());
          const answers = await Promise.all(
            [10, 20, 30].map((latitude) =>
              writer.write(
                (latitude === 20 ? ids.toReversed() : ids).map((id) => clientRow(id, { latitude })),
              ),
            ),
          );
          expect(answers.flat().filter(({ kind }) => kind === 'recorded')).toHaveLength(10);
          expect(answers.flat().filter(({ kind }) => kind === 'conflict')).toHaveLength(20);
        }
        const kept = await readAll();
        expect(kept).toHaveLength(200);
        expect(new Set(kept.map(({ id }) => id)).size).toBe(200);
      });

      test('do not conflict between users', async () => {
        const id = randomUUID();
        const bob = await newUser();
        const rows = [clientRow(id), clientRow(id, { userId: bob, latitude: 5 })];
        expect(await writer.write(rows)).toEqual([recorded, recorded]);
        expect(await readAll()).toHaveLength(1);
        expect(await readAll(bob)).toHaveLength(1);
      });

      test('written again as a whole batch, with its conflicts, answer the same and change nothing', async () => {
        const [id, other] = [randomUUID(), randomUUID()];
        const batch = [
          clientRow(id),
          clientRow(id, { latitude: 1 }),
          row(),
          clientRow(other, { recordedAtMs: NOW_MS - 9, reportedAtMs: null }),
          clientRow(other, { recordedAtMs: NOW_MS - 8, reportedAtMs: null }),
        ];
        const answers = await writer.write(batch);
        const kept = await readAll();
        expect(await writer.write(batch)).toEqual(answers);
        expect(await readAll()).toEqual(kept);
        expect(kept).toHaveLength(3);
      });
    });

    describe('users who are gone', () => {
      test('get no row and do not keep the others from theirs', async () => {
        const [gone, id] = [await newUser(), randomUUID()];
        await history.removeUser(gone);
        const unknown = { kind: 'unknown-user' };
        const rows = [
          row({ userId: gone }),
          row(),
          clientRow(id, { userId: gone }),
          clientRow(id),
          row({ userId: gone }),
        ];
        expect(await writer.write(rows)).toEqual([unknown, recorded, unknown, recorded, unknown]);
        expect(await readAll(gone)).toEqual([]);
        expect(await readAll()).toHaveLength(2);
        expect(await history.idsKept(gone)).toBe(0);
      });
    });

    describe('times', () => {
      test('of midnight, yesterday, 89 days ago and days ahead are recorded', async () => {
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
      });

      test('that no calendar has fail the write as a whole', async () => {
        await expect(writer.write([row(), row({ recordedAtMs: NaN })])).rejects.toThrow();
        expect(await readAll()).toEqual([]);
      });
    });
  });
}

interface Sent {
  readonly userId?: string;
  readonly latitude?: number;
  readonly recordedAtMs?: number;
  /** What the client said; null when it left the time to the server. */
  readonly reportedAtMs?: number | null;
}
