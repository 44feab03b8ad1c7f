/** The script in Redis finds the whereabouts of users as the domain does. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createLocationStore } from '../../../src/adapters/redis/location-store.js';
import { fromRecord } from '../../../src/domain/location-update.js';
import { nextWhereabouts, parseWhereabouts, type Whereabouts } from '../../../src/domain/whereabouts.js';
import { systemClock } from '../../../src/time/clock.js';
import { startTestRedis } from '../../support/redis.js';
import { travel } from '../../support/sphere.js';
import { names, openRedisEnd } from './redis-end.js';

const DAY_MS = 86_400_000;

const steps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 60_000, max: 1_800_000 }),
    latitude: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(90, -90, 1e-7, -1e-7)),
    longitude: fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(180, -180, 0)),
    /** Null to jump anywhere, to `latitude` and `longitude`. */
    meters: fc.option(fc.integer({ min: 0, max: 9_000 }), { freq: 5 }),
    bearing: fc.integer({ min: 0, max: 359 }),
  }),
  { minLength: 1, maxLength: 12 },
);

test('the whereabouts that Redis keeps are those that the domain finds, wherever users go', async () => {
  const redis = await startTestRedis();
  const end = await openRedisEnd(redis.url);
  onTestFinished(async () => {
    end.close();
    await redis.close();
  });
  const store = createLocationStore(end.commands, DAY_MS, names, systemClock);
  let due = 0;
  store.onUnannounced(() => due++);
  const kept = async (userId: string): Promise<Whereabouts | null> => {
    // Reads of the store are put together for 50 ms.
    const record: unknown = JSON.parse((await end.commands.get(names.locationKey(userId))) ?? 'null');
    return parseWhereabouts(fromRecord(record, Date.now())?.whereabouts);
  };
  const reaches = new Set<number>();
  await fc.assert(
    fc.asyncProperty(steps, async (walk) => {
      const userId = randomUUID();
      let [place, receivedAtMs] = [{ latitude: 59.33, longitude: 18.07 }, Date.now() - DAY_MS * 0.9];
      let known: Whereabouts | null = null;
      for (const { afterMs, meters, bearing, latitude, longitude } of walk) {
        receivedAtMs = Math.floor(receivedAtMs + afterMs);
        // A zero has no sign in JSON.
        place =
          meters === null
            ? { latitude: latitude + 0, longitude: longitude + 0 }
            : travel(place, bearing, meters);
        const update = {
          id: randomUUID(),
          ...place,
          accuracyMeters: null,
          recordedAtMs: receivedAtMs,
          receivedAtMs,
        };
        due = 0;
        expect(await store.publish(userId, update)).toBe('published');
        const expected = nextWhereabouts(update, known);
        const found = await kept(userId);
        expect(found).toEqual({ ...expected, reachMeters: found?.reachMeters });
        // Redis and this process round otherwise, by a metre at most.
        expect(Math.abs((found?.reachMeters ?? 0) - expected.reachMeters)).toBeLessThanOrEqual(1);
        if (found?.madeAtMs === receivedAtMs) {
          expect(due).toBe(1);
          reaches.add(found.reachMeters);
        }
        if (due > 0) await store.confirm(userId, found?.madeAtMs ?? 0);
        known = await kept(userId);
        expect(known?.announced).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
  expect(reaches.size).toBeGreaterThan(10);
});
