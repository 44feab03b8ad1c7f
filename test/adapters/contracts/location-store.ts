import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fromRecord, isNewer, type LocationUpdate } from '../../../src/domain/location-update.js';
import { ANNOUNCEMENT_MS, parseWhereabouts, type Whereabouts } from '../../../src/domain/whereabouts.js';
import type { LocationStore } from '../../../src/services/location-store.js';
import type { Listening } from './listening.js';
import { travel } from '../../support/sphere.js';
import { uuidFrom } from '../../support/uuid.js';

export type PositionCache = LocationStore;

export interface PositionCacheUnderTest {
  /** Two servers' ends of the same cache; one and the same object where there can be only one. */
  readonly caches: readonly [PositionCache, PositionCache];
  readonly topics: Listening;
  /** Milliseconds since the epoch, by the clock that the TTL goes by. */
  now(): number;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

export const CONTRACT_TTL_MS = 1_500;

/** Of an update all but what the store adds: the whereabouts and the cells. */
function located(update: LocationUpdate | null): LocationUpdate | null {
  if (update === null) return null;
  const { whereabouts: _, cells: __, ...rest } = update;
  return rest;
}

const withoutWhereabouts = (cache: PositionCache): PositionCache => ({
  ...cache,
  newest: async (...asked) => (await cache.newest(...asked)).map(located),
});

/** What every cache of newest locations holds to. */
export function positionCacheContract(name: string, open: () => Promise<PositionCacheUnderTest>): void {
  describe(`position cache: ${name}`, () => {
    let opened: PositionCacheUnderTest;
    let here: PositionCache;
    let there: PositionCache;
    beforeAll(async () => {
      opened = await open();
      [here, there] = opened.caches.map(withoutWhereabouts) as [PositionCache, PositionCache];
    });
    afterAll(() => opened.close());

    const update = (recordedAtMs: number, id: string = randomUUID()): LocationUpdate => ({
      id,
      latitude: 37.98,
      longitude: -179.9999999,
      accuracyMeters: recordedAtMs % 2 === 0 ? null : 12.5,
      recordedAtMs,
      receivedAtMs: Math.max(opened.now(), recordedAtMs),
      ...(recordedAtMs % 3 === 0 && { speedMetersPerSecond: 1.5, headingDegrees: 271.125 }),
    });

    async function newest(userId: string): Promise<LocationUpdate | null> {
      const [found] = await there.newest([userId]);
      return found ?? null;
    }

    /** All that is published of a user from now on; `read` waits until it has come. */
    async function follow(userId: string) {
      const heard: unknown[] = [];
      const subscription = await opened.topics.subscribe(userId, ({ message }) => heard.push(message));
      return {
        async read(): Promise<(LocationUpdate | null)[]> {
          await opened.topics.publish(userId, 'last');
          await expect.poll(() => heard.at(-1), { interval: 5 }).toBe('last');
          opened.topics.unsubscribe(subscription);
          return heard.slice(0, -1).map((record) => located(fromRecord(record, opened.now())));
        },
      };
    }

    test('keeps what is published and tells of it; knows nothing of others; keeps the order of who is asked for', async () => {
      const [ann, bob] = [randomUUID(), randomUUID()];
      const [ofAnn, ofBob] = [update(1_000), update(2_000)];
      const topic = await follow(ann);
      await here.publish(ann, ofAnn);
      await here.publish(bob, ofBob);
      expect(await there.newest([bob, randomUUID(), ann])).toEqual([ofBob, null, ofAnn]);
      expect(await there.newest([])).toEqual([]);
      expect(await topic.read()).toEqual([ofAnn]);
    });

    test('reads thousands at once', async () => {
      const userIds = Array.from({ length: 2_500 }, () => randomUUID());
      await Promise.all(userIds.map((userId, index) => here.publish(userId, update(index))));
      const found = await there.newest(userIds);
      expect(found.map((entry) => entry?.recordedAtMs)).toEqual(userIds.map((_, index) => index));
    });

    test('goes forward only, and by the id where the time ties', async () => {
      const userId = randomUUID();
      const [low, mid, high] = ['0', '7', 'f'].map((digit) =>
        update(5_000, `${digit}0000000-0000-4000-8000-000000000000`),
      );
      if (low === undefined || mid === undefined || high === undefined) throw new Error('three updates');
      const topic = await follow(userId);
      await here.publish(userId, mid);
      for (const older of [low, update(4_999, high.id), update(999), update(1)]) {
        await there.publish(userId, older);
        expect(await newest(userId)).toEqual(mid);
      }
      await there.publish(userId, high);
      expect(await newest(userId)).toEqual(high);
      const later = update(10_000, low.id);
      await here.publish(userId, later);
      expect(await newest(userId)).toEqual(later);
      expect(await topic.read()).toEqual([mid, high, later]);
    });

    test('takes a retry of the newest, which bears its id, for what it is', async () => {
      const userId = randomUUID();
      const first = update(5_000);
      const topic = await follow(userId);
      await here.publish(userId, first);
      await there.publish(userId, { ...first, recordedAtMs: 6_000, latitude: 1 });
      expect(await newest(userId)).toEqual(first);
      expect(await topic.read()).toEqual([first]);
    });

    test('never goes back under concurrent publishing from two servers, and tells exactly of what it kept', async () => {
      const updates = fc.array(
        fc.record({
          recordedAtMs: fc.integer({ min: 8, max: 12 }),
          id: fc.constantFrom(...['0a', '0b', '0c', 'a0', 'f1'].map(uuidFrom)),
        }),
        { minLength: 2, maxLength: 24 },
      );
      await fc.assert(
        fc.asyncProperty(
          updates,
          fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
          async (orders, sides) => {
            const userId = randomUUID();
            const topic = await follow(userId);
            const all = orders.map(({ recordedAtMs, id }) => update(recordedAtMs, id));
            await Promise.all(
              all.map((entry, index) => (sides[index] === true ? here : there).publish(userId, entry)),
            );
            const told = await topic.read();
            const kept = await newest(userId);
            expect(told.at(-1)).toEqual(kept);
            told.reduce((before, after) => {
              if (before === null || after === null) throw new Error('not a record');
              expect(isNewer(after, before)).toBe(true);
              return after;
            });
          },
        ),
        { numRuns: 60 },
      );
    });

    test('ends with the newest of updates that bear an id each, however shuffled', async () => {
      const order = fc.shuffledSubarray([...Array(20).keys()], { minLength: 20 });
      await fc.assert(
        fc.asyncProperty(order, async (numbers) => {
          const userId = randomUUID();
          const all = numbers.map((number) =>
            update(1_000 + Math.floor(number / 3), uuidFrom(String(number).padStart(2, '0'))),
          );
          await Promise.all(
            all.map((entry, index) => (index % 2 === 0 ? here : there).publish(userId, entry)),
          );
          expect((await newest(userId))?.id).toBe(uuidFrom('19'));
        }),
        { numRuns: 40 },
      );
    });

    test('keeps and tells a sign of life, which has the id of the newest, and then lasts as long again', async () => {
      const userId = randomUUID();
      const fix = update(5_000);
      const topic = await follow(userId);
      await here.publish(userId, fix);
      await opened.pass(CONTRACT_TTL_MS * 0.6);
      const sign = { ...fix, receivedAtMs: opened.now() };
      expect(await there.publish(userId, { ...sign, stillHere: true })).toBe('published');
      await opened.pass(CONTRACT_TTL_MS * 0.6);
      expect(await newest(userId)).toEqual(sign);
      expect(await topic.read()).toEqual([fix, sign]);
    });

    test('a sign of life with an older fix renews the newest, which lasts as long again; a retry of it too', async () => {
      const userId = randomUUID();
      const device = '0123456789ab';
      const fix = { ...update(5_000), device };
      const older = { ...update(4_999), device };
      const topic = await follow(userId);
      await here.publish(userId, fix);
      const renewed: LocationUpdate[] = [];
      for (const cache of [there, here]) {
        await opened.pass(CONTRACT_TTL_MS * 0.6);
        const receivedAtMs = opened.now();
        expect(await cache.publish(userId, { ...older, receivedAtMs, stillHere: true })).toBe('published');
        renewed.push({ ...fix, receivedAtMs });
        expect(await newest(userId)).toEqual(renewed.at(-1));
      }
      // What is no sign of life, or was heard no later, changes nothing.
      expect(await there.publish(userId, { ...older, receivedAtMs: opened.now() })).toBe('outdated');
      const { receivedAtMs = 0 } = renewed.at(-1) ?? {};
      expect(await here.publish(userId, { ...older, receivedAtMs, stillHere: true })).toBe('outdated');
      expect(await topic.read()).toEqual([fix, ...renewed]);
    });

    test('a sign of life with an older fix is shown where nothing is known, until a newer one comes', async () => {
      const userId = randomUUID();
      const old = update(4_000);
      expect(await here.publish(userId, { ...old, stillHere: true })).toBe('published');
      expect(await newest(userId)).toEqual(old);
      const never = { ...update(5_000), receivedAtMs: opened.now() };
      expect(await there.publish(userId, { ...never, stillHere: true })).toBe('published');
      expect(await newest(userId)).toEqual(never);
    });

    test('a sign of life of another device takes over with an older fix, and renews nothing of the first', async () => {
      const userId = randomUUID();
      const ofPhone = { ...update(5_000), device: '0123456789ab' };
      await here.publish(userId, ofPhone);
      await opened.pass(10);
      const ofTablet = { ...update(4_000), device: 'ba9876543210' };
      const sign = { ...ofTablet, stillHere: true } as const;
      expect(await there.publish(userId, sign)).toBe('other-device');
      expect(await there.publish(userId, ofTablet, true)).toBe('outdated');
      expect(await newest(userId)).toEqual(ofPhone);
      expect(await there.publish(userId, sign, true)).toBe('published');
      expect(await newest(userId)).toEqual(ofTablet);
    });

    test('what is known from the future gives way to what comes', async () => {
      const userId = randomUUID();
      await here.publish(userId, update(opened.now() + 600_000));
      for (const after of [update(opened.now()), update(opened.now() + 1_000)]) {
        expect(await there.publish(userId, after)).toBe('published');
        expect(await newest(userId)).toEqual(after);
      }
    });

    test('a location of one named device is not replaced by another’s, unless that takes over', async () => {
      const userId = randomUUID();
      const [phone, tablet] = ['0123456789ab', 'ba9876543210'];
      const ofPhone = { ...update(5_000), device: phone };
      const ofTablet = { ...update(6_000), device: tablet };
      expect(await here.publish(userId, ofPhone)).toBe('published');
      expect(await there.publish(userId, ofTablet)).toBe('other-device');
      expect(await newest(userId)).toEqual(ofPhone);
      expect(await here.publish(userId, { ...update(5_500), device: phone })).toBe('published');
      expect(await there.publish(userId, ofTablet, true)).toBe('published');
      expect(await newest(userId)).toEqual(ofTablet);
      const unnamed = update(7_000);
      expect(await here.publish(userId, unnamed)).toBe('published');
      expect(await there.publish(userId, { ...update(8_000), device: tablet })).toBe('published');
    });

    test('a span at the end of a record is not taken for a device', async () => {
      const userId = randomUUID();
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await here.publish(userId, { ...update(5_000), traceparent });
      const named = { ...update(6_000), device: '0123456789ab', traceparent };
      expect(await there.publish(userId, named)).toBe('published');
      expect(await newest(userId)).toEqual(named);
    });

    test('keeps what is known of devices as long as a location, and forgets it with the user', async () => {
      const [userId, other] = [randomUUID(), randomUUID()];
      const place = { latitude: 1, longitude: 2, accuracyMeters: null, sinceMs: 3, movedAtMs: 4 };
      const seen = { '0123456789ab': place };
      expect(await here.sightings(userId)).toEqual({});
      for (const each of [userId, other]) {
        await here.publish(each, update(5_000));
        await here.keepSightings(each, seen);
      }
      expect(await there.sightings(userId)).toEqual(seen);
      await there.clear(other, opened.now());
      expect(await there.sightings(other)).toEqual({});
      await opened.pass(CONTRACT_TTL_MS * 1.1);
      expect(await there.sightings(userId)).toEqual({});
    });

    test('an update that was under way when its location was taken back leaves nothing behind of its device', async () => {
      const userId = randomUUID();
      const [phone, tablet] = ['0123456789ab', 'ba9876543210'];
      await here.publish(userId, { ...update(5_000), device: phone });
      expect(await there.publish(userId, { ...update(6_000), device: tablet })).toBe('other-device');
      await here.clear(userId, opened.now());
      const place = { latitude: 1, longitude: 2, accuracyMeters: null, sinceMs: 3, movedAtMs: 4 };
      await there.keepSightings(userId, { [tablet]: place });
      expect(await there.publish(userId, { ...update(6_000), device: tablet }, true)).toBe('outdated');
      expect(await here.sightings(userId)).toEqual({});
      expect(await newest(userId)).toBeNull();
    });

    test('keeps what waited to be published for the rest of its time only', async () => {
      const [late, tooLate] = [randomUUID(), randomUUID()];
      const receivedAtMs = opened.now() - CONTRACT_TTL_MS * 0.7;
      expect(await here.publish(late, { ...update(5_000), receivedAtMs })).toBe('published');
      const expired = opened.now() - CONTRACT_TTL_MS;
      expect(await here.publish(tooLate, { ...update(5_000), receivedAtMs: expired })).toBe('outdated');
      expect((await there.newest([late, tooLate])).map((found) => found?.receivedAtMs)).toEqual([
        receivedAtMs,
        undefined,
      ]);
      await opened.pass(CONTRACT_TTL_MS * 0.4);
      expect(await newest(late)).toBeNull();
    });

    test('forgets a location that is taken back, tells of it, and takes one of later', async () => {
      const userId = randomUUID();
      const clearings: [string, number][] = [];
      const asked = () => there.newest([userId], (...cleared) => clearings.push(cleared));
      expect(await here.clear(userId, 7)).toBe(false);
      expect(await asked()).toEqual([null]);
      const before = { ...update(opened.now()), receivedAtMs: opened.now() };
      const topic = await follow(userId);
      await here.publish(userId, before);
      expect(await there.clear(userId, before.receivedAtMs)).toBe(true);
      expect(await there.clear(userId, before.receivedAtMs)).toBe(false);
      expect(await asked()).toEqual([null]);
      await opened.pass(2);
      const after = { ...update(opened.now()), receivedAtMs: opened.now() };
      expect(await here.publish(userId, after)).toBe('published');
      expect(await asked()).toEqual([after]);
      expect(await topic.read()).toEqual([before, null, null, after]);
      expect(clearings).toEqual([
        [userId, 7],
        [userId, before.receivedAtMs],
      ]);
    });

    test('what was on its way when a location was taken back does not bring it back, but a sign of life does', async () => {
      const userId = randomUUID();
      const fix = { ...update(opened.now()), receivedAtMs: opened.now() };
      await here.publish(userId, fix);
      await opened.pass(2);
      const clearedAtMs = opened.now();
      await there.clear(userId, clearedAtMs);
      const older = { ...update(clearedAtMs - 1), receivedAtMs: clearedAtMs };
      const late = { ...update(clearedAtMs), receivedAtMs: clearedAtMs + 1 };
      const sign = { ...fix, receivedAtMs: clearedAtMs, stillHere: true } as const;
      for (const onItsWay of [fix, older, late, sign])
        expect(await here.publish(userId, onItsWay)).toBe('outdated');
      expect(await here.publish(userId, { ...late, recordedAtMs: clearedAtMs + 1 }, true)).toBe('outdated');
      expect(await newest(userId)).toBeNull();
      const later = { ...fix, receivedAtMs: clearedAtMs + 1 };
      expect(await here.publish(userId, { ...later, stillHere: true })).toBe('published');
      expect(await newest(userId)).toEqual(later);
    });

    test('a location is taken back whatever the clock of its server says, and for as long as one is kept', async () => {
      const userId = randomUUID();
      const ahead = { ...update(opened.now()), receivedAtMs: opened.now() + 500 };
      await here.publish(userId, ahead);
      await there.clear(userId, opened.now());
      expect(await here.publish(userId, { ...ahead, id: randomUUID() })).toBe('outdated');
      await opened.pass(CONTRACT_TTL_MS * 1.1);
      expect(await here.publish(userId, { ...ahead, id: randomUUID() })).toBe('published');
    });

    test('a clearing that is tried again undoes nothing that came after it', async () => {
      const userId = randomUUID();
      const firstMs = opened.now() - 10_000;
      const onItsWay = { ...update(firstMs + 5_000), receivedAtMs: firstMs + 9_500 };
      const clearedAtMs = opened.now();
      await there.clear(userId, clearedAtMs);
      await here.clear(userId, firstMs);
      expect(await here.publish(userId, onItsWay)).toBe('outdated');
      await opened.pass(2);
      const after = { ...update(opened.now()), receivedAtMs: opened.now() };
      expect(await here.publish(userId, after)).toBe('published');
      const topic = await follow(userId);
      expect(await there.clear(userId, firstMs)).toBe(false);
      expect(await newest(userId)).toEqual(after);
      expect(await topic.read()).toEqual([]);
    });

    test('forgets by the time of receipt, however old or new the fix is, and counts anew with each that it keeps', async () => {
      const [once, again] = [randomUUID(), randomUUID()];
      await here.publish(once, update(opened.now()));
      await here.publish(again, update(1_000));
      await opened.pass(CONTRACT_TTL_MS * 0.6);
      const second = update(1_001);
      await here.publish(again, second);
      await here.publish(once, update(1));
      expect(await newest(once)).not.toBeNull();
      await opened.pass(CONTRACT_TTL_MS * 0.6);
      expect(await there.newest([once, again])).toEqual([null, second]);
      await opened.pass(CONTRACT_TTL_MS * 0.6);
      expect(await newest(again)).toBeNull();
    });

    describe('with each location the whereabouts,', () => {
      /** What friends have to be told of, by either server. */
      let due: (Whereabouts | null)[];
      beforeEach(() => {
        due = [];
        for (const cache of opened.caches)
          cache.onUnannounced((_, { whereabouts }) => due.push(parseWhereabouts(whereabouts)));
      });

      const PLACE = { latitude: 37.98, longitude: -179.999 };
      const at = (meters: number, afterMs: number): LocationUpdate => {
        const receivedAtMs = startMs + afterMs;
        return { ...update(receivedAtMs), ...travel(PLACE, 90, meters), receivedAtMs };
      };
      let startMs: number;
      beforeEach(() => {
        startMs = opened.now() - CONTRACT_TTL_MS;
      });
      async function kept(userId: string): Promise<Whereabouts | null> {
        const [found] = await opened.caches[1].newest([userId]);
        return parseWhereabouts(found?.whereabouts);
      }

      test('which begin when a user comes or leaves them, and of which friends are to be told then', async () => {
        const userId = randomUUID();
        for (const [meters, afterMs] of [
          [0, 1_000],
          [400, 1_100],
          [499, 1_200],
          [520, 1_300],
          [5_400, 1_400],
        ] as const) {
          await opened.caches[afterMs % 200 === 0 ? 0 : 1].publish(userId, at(meters, afterMs));
        }
        const made = { announced: false, madeAtMs: startMs + 1_000, reachMeters: 500, came: true };
        const left = { announced: false, madeAtMs: startMs + 1_300, reachMeters: 5_000, came: false };
        expect(due).toMatchObject([made, left]);
        expect(await kept(userId)).toMatchObject({ ...left, ...travel(PLACE, 90, 520) });
      });

      test('which are told of again when nobody confirms that friends were told, and not otherwise', async () => {
        const [told, untold] = [randomUUID(), randomUUID()];
        const [cache] = opened.caches;
        for (const userId of [told, untold]) await cache.publish(userId, at(0, 1_000));
        const [{ madeAtMs }] = due as [Whereabouts];
        expect(parseWhereabouts((await cache.confirm(told, madeAtMs))?.whereabouts)?.announced).toBe(true);
        await cache.confirm(untold, madeAtMs - 1);
        due = [];
        for (const userId of [told, untold]) {
          await cache.publish(userId, at(10, 1_000 + ANNOUNCEMENT_MS));
          await cache.publish(userId, at(20, 1_001 + ANNOUNCEMENT_MS));
        }
        expect(due).toMatchObject([{ reachMeters: 500, madeAtMs, came: true, announced: false }]);
        expect((await kept(told))?.announced).toBe(true);
        expect(await cache.confirm(randomUUID(), madeAtMs)).toBeNull();
      });

      test('which last as long as the location, confirmed or not', async () => {
        const userId = randomUUID();
        const [cache] = opened.caches;
        const first = { ...update(opened.now()), receivedAtMs: opened.now() };
        await cache.publish(userId, first);
        await opened.pass(CONTRACT_TTL_MS * 0.6);
        await cache.confirm(userId, first.receivedAtMs);
        await opened.pass(CONTRACT_TTL_MS * 0.6);
        expect(await kept(userId)).toBeNull();
        await cache.publish(userId, update(opened.now() + 1));
        expect(due).toMatchObject([{ came: true }, { came: true }]);
      });
    });
  });
}
