/** The script in Redis decides on cells as the domain does. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createLocationStore } from '../../../src/adapters/redis/location-store.js';
import { keptOf, nextCells, parseCells } from '../../../src/domain/approximate-place.js';
import { fromRecord, type LocationUpdate, newestAfter } from '../../../src/domain/location-update.js';
import { roundDegrees } from '../../../src/domain/rounding.js';
import { systemClock } from '../../../src/time/clock.js';
import { startTestRedis } from '../../support/redis.js';
import { travel } from '../../support/sphere.js';
import { names, openRedisEnd } from './redis-end.js';

const DAY_MS = 86_400_000;

const steps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 5_000, max: 90_000 }),
    /** Until Redis keeps the update. */
    waitsMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
    latitude: fc.oneof(
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.double({ min: 89.98, max: 90, noNaN: true }),
      fc.constantFrom(90, -90, 1e-7),
    ),
    longitude: fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(180, -180, 0)),
    /** Null to jump anywhere, to `latitude` and `longitude`. */
    meters: fc.option(fc.integer({ min: 0, max: 900 }), { freq: 8 }),
    /** True for a sign of life with an older fix, which is not told. */
    stillHere: fc.boolean(),
    bearing: fc.integer({ min: 0, max: 359 }),
    chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  }),
  { minLength: 1, maxLength: 25 },
);

test('the cells that Redis keeps are those that the domain finds, wherever users go', async () => {
  const redis = await startTestRedis();
  const end = await openRedisEnd(redis.url);
  onTestFinished(async () => {
    end.close();
    await redis.close();
  });
  let chance = 0;
  const nothing = (): void => undefined;
  let nowMs = Date.now();
  const clock = { ...systemClock, now: () => nowMs };
  const store = createLocationStore(end.commands, DAY_MS, names, clock, nothing, () => chance);
  const announced: (string | undefined)[] = [];
  store.onUnannounced((_userId, { cells }) => announced.push(cells));
  let [crossings, untold] = [0, 0];
  await fc.assert(
    fc.asyncProperty(steps, async (walk) => {
      const userId = randomUUID();
      let place = { latitude: 59.33, longitude: 18.07 };
      let known: LocationUpdate | null = null;
      for (const {
        afterMs,
        waitsMs,
        stillHere,
        meters,
        bearing,
        latitude,
        longitude,
        chance: drawn,
      } of walk) {
        const receivedAtMs = (nowMs += afterMs);
        nowMs += waitsMs;
        chance = drawn;
        // A zero has no sign in JSON.
        place =
          meters === null
            ? { latitude: latitude + 0, longitude: longitude + 0 }
            : travel(place, bearing, meters);
        const before: LocationUpdate | null = known;
        const update: LocationUpdate = {
          id: randomUUID(),
          ...place,
          accuracyMeters: null,
          recordedAtMs: before !== null && stillHere ? before.recordedAtMs - 1 : receivedAtMs,
          receivedAtMs,
          ...(stillHere && { stillHere }),
        };
        expect(await store.publish(userId, update)).toBe('published');
        const newest = before === null ? update : newestAfter(update, before, nowMs);
        const kept = before && keptOf(before);
        const expected = nextCells(newest, nowMs, kept, chance);
        const record: unknown = JSON.parse((await end.commands.get(names.locationKey(userId))) ?? 'null');
        known = fromRecord(record, nowMs);
        expect(known).toMatchObject({ latitude: roundDegrees(newest.latitude), receivedAtMs });
        expect(parseCells(known?.cells)).toEqual(expected);
        if (kept !== null && expected.cell !== kept.cells.cell) crossings += 1;
        if (kept !== null && expected.before === kept.cells.before) untold += 1;
        if (announced.length > 0) expect(announced.splice(0)).toEqual([known?.cells]);
      }
    }),
    { numRuns: 150 },
  );
  expect(crossings).toBeGreaterThan(100);
  expect(untold).toBeGreaterThan(100);
}, 60_000);
