/** What a user reads and deletes of a history, in PostgreSQL and in Cassandra. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Motion } from '../../../src/domain/motion.js';
import type { Viewer } from '../../../src/domain/user.js';
import type { HistoryRow, HistoryWriter } from '../../../src/services/history-buffer.js';
import {
  createLocationHistory,
  type HistoryRange,
  type LocationHistory,
  type TimeRange,
} from '../../../src/services/location-history.js';
import { HISTORY_NOW_MS, type HistoryUnderTest } from './history-writer.js';

const DAY_MS = 86_400_000;
const NOW_MS = HISTORY_NOW_MS;
const MIDNIGHT_MS = NOW_MS - DAY_MS / 2;
const EVER: TimeRange = { fromMs: null, toMs: null };

export function historyStoreContract(name: string, open: () => Promise<HistoryUnderTest>): void {
  describe(`a history in ${name}: `, () => {
    let store: HistoryUnderTest;
    let writer: HistoryWriter;
    let history: LocationHistory;
    let ann: Viewer;

    beforeAll(async () => {
      store = await open();
      ({ writer } = store);
      history = createLocationHistory(store.store);
    });
    afterAll(() => store.close());
    beforeEach(async () => {
      ann = await newViewer();
    });

    const newViewer = async (): Promise<Viewer> => ({
      userId: await store.newUser(),
      sessionId: null,
      expiresAtMs: Infinity,
      keyId: null,
    });

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
        expect(
          (await readAll({ fromMs: NOW_MS - 1, toMs: NOW_MS + 1 }, 1)).map((l) => l.recordedAtMs),
        ).toEqual([NOW_MS, NOW_MS - 1]);
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
      const idsKept = () => store.idsKept(ann.userId);

      test('takes [from, to) away, with the fingerprints, and tells how many', async () => {
        const times = [NOW_MS - 3 * DAY_MS, NOW_MS - 1, NOW_MS, NOW_MS + 1, NOW_MS + DAY_MS];
        await writer.write(times.map((time) => row(time)));
        expect(await history.delete(ann, { fromMs: NOW_MS - 1, toMs: NOW_MS + 1 })).toBe(2);
        expect(timesOf(await history.page(ann, EVER, 10)).toReversed()).toEqual([
          times[0],
          times[3],
          times[4],
        ]);
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
  });
}
