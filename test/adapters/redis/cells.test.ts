/** The script in Redis decides on cells as the domain does. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createLocationStore } from '../../../src/adapters/redis/location-store.js';
import { type Cells, nextCells, parseCells } from '../../../src/domain/approximate-place.js';
import { fromRecord } from '../../../src/domain/location-update.js';
import { systemClock } from '../../../src/time/clock.js';
import { startTestRedis } from '../../support/redis.js';
import { travel } from '../../support/sphere.js';
import { names, openRedisEnd } from './redis-end.js';

const DAY_MS = 86_400_000;

const steps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 5_000, max: 90_000 }),
    latitude: fc.oneof(
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.double({ min: 89.98, max: 90, noNaN: true }),
      fc.constantFrom(90, -90, 1e-7),
    ),
    longitude: fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(180, -180, 0)),
    /** Null to jump anywhere, to `latitude` and `longitude`. */
    meters: fc.option(fc.integer({ min: 0, max: 900 }), { freq: 8 }),
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
  const store = createLocationStore(end.commands, DAY_MS, names, systemClock, nothing, () => chance);
  const announced: (string | undefined)[] = [];
  store.onUnannounced((_userId, { cells }) => announced.push(cells));
  const crossings = { all: 0, waiting: 0 };
  await fc.assert(
    fc.asyncProperty(steps, async (walk) => {
      const userId = randomUUID();
      let [place, receivedAtMs] = [{ latitude: 59.33, longitude: 18.07 }, Date.now() - DAY_MS * 0.9];
      let known: Cells | null = null;
      for (const { afterMs, meters, bearing, latitude, longitude, chance: drawn } of walk) {
        receivedAtMs = Math.floor(receivedAtMs + afterMs);
        chance = drawn;
        // A zero has no sign in JSON.
        place =
          meters === null
            ? { latitude: latitude + 0, longitude: longitude + 0 }
            : travel(place, bearing, meters);
        const times = { recordedAtMs: receivedAtMs, receivedAtMs };
        expect(
          await store.publish(userId, { id: randomUUID(), ...place, accuracyMeters: null, ...times }),
        ).toBe('published');
        const expected: Cells = nextCells({ ...place, receivedAtMs }, known, chance);
        const record: unknown = JSON.parse((await end.commands.get(names.locationKey(userId))) ?? 'null');
        const { cells } = fromRecord(record, Date.now()) ?? {};
        expect(parseCells(cells)).toEqual(expected);
        if (known !== null && expected !== known) {
          crossings.all += 1;
          if (expected.before === known.before) crossings.waiting += 1;
        }
        if (announced.length > 0) expect(announced.splice(0)).toEqual([cells]);
        known = expected;
      }
    }),
    { numRuns: 150 },
  );
  expect(crossings.all).toBeGreaterThan(100);
  expect(crossings.waiting).toBeGreaterThan(5);
}, 60_000);
