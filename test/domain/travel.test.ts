import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Fix, LEAP_INTERVAL_MS, LEAPS, travelTo, type Travels } from '../../src/domain/travel.js';
import { type Place, travel } from '../support/sphere.js';

/** 227 vehicles in three cities; not part of this repository. */
const TRACES = new URL('../../../shared/data/traces.csv', import.meta.url);
const MAX_SPEED = 350;
const HERE = { latitude: 59.33, longitude: 18.07 };

/** A user who reports fixes as they are recorded. */
function createTraveller(maxSpeed = MAX_SPEED) {
  let travels: Travels | null = null;
  return {
    /** @returns how long to wait, milliseconds; 0 when the fix is believed. @param nowSeconds when it comes. */
    report(place: Place, seconds: number, device?: string, nowSeconds = seconds): number {
      const fix: Fix = { ...place, recordedAtMs: seconds * 1_000, device };
      const next = travelTo(travels, fix, maxSpeed, nowSeconds * 1_000);
      if ('waitMs' in next) return next.waitMs;
      travels = next;
      return 0;
    },
    leapsLeft: () => travels?.leaps.tokens,
  };
}

/** How many of the fixes are not believed. */
function refusedOf(fixes: readonly (Place & { readonly seconds: number })[]): number {
  const traveller = createTraveller();
  return fixes.filter((fix) => traveller.report(fix, fix.seconds) > 0).length;
}

/** A flight, or any other way along a great circle. */
function journey(
  metersPerSecond: number,
  everySeconds: number,
  count: number,
): (Place & { seconds: number })[] {
  return Array.from({ length: count }, (_, index) => {
    const seconds = index * everySeconds;
    return { ...travel(HERE, 300, metersPerSecond * seconds), seconds };
  });
}

describe('is believed', () => {
  test('every real trace, and with gaps as of tunnels, and when fixes jump now and then', (context) => {
    if (!existsSync(TRACES)) context.skip(`${TRACES.pathname} is not here`);
    const traces = new Map<string, (Place & { seconds: number })[]>();
    for (const line of readFileSync(TRACES, 'utf8').trim().split('\n').slice(1)) {
      const [id = '', seconds, latitude, longitude] = line.split(',');
      const fix = { latitude: Number(latitude), longitude: Number(longitude), seconds: Number(seconds) };
      traces.set(id, [...(traces.get(id) ?? []), fix]);
    }
    expect(traces.size).toBe(227);
    for (const [id, fixes] of traces) {
      expect(refusedOf(fixes), id).toBe(0);
      expect(refusedOf(fixes.filter((_, index) => index % 40 < 20)), `${id} through tunnels`).toBe(0);
      let jumpedAt = -Infinity;
      const jumping = fixes.map((fix, index) => {
        if (index === 0 || fix.seconds - jumpedAt < 600) return fix;
        jumpedAt = fix.seconds;
        return { ...fix, ...travel(fix, index, 80_000) };
      });
      expect(refusedOf(jumping), `${id} with jumps`).toBe(0);
    }
  });

  test('a flight at up to 340 m/s, however often it reports, and what follows a flight without reports', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 340, noNaN: true }),
        fc.integer({ min: 1, max: 600 }),
        (speed, every) => {
          expect(refusedOf(journey(speed, every, 60))).toBe(0);
        },
      ),
    );
    const traveller = createTraveller();
    expect(traveller.report(HERE, 0)).toBe(0);
    expect(traveller.report(travel(HERE, 280, 8_000_000), 9 * 3_600)).toBe(0);
    expect(traveller.leapsLeft()).toBe(LEAPS);
  });

  test('a device at rest whose fixes jitter by kilometres every second', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(359), fc.nat(10_000)), { minLength: 100, maxLength: 100 }),
        (jitter) => {
          const fixes = jitter.map(([bearing, meters], seconds) => ({
            ...travel(HERE, bearing, meters),
            seconds,
          }));
          expect(refusedOf(fixes)).toBe(0);
        },
      ),
    );
  });

  test('a fix that comes late from the way', () => {
    const traveller = createTraveller();
    const way = journey(250, 60, 30);
    for (const index of [29, 3, 17, 0, 28])
      expect(traveller.report(way[index] as Place, way[index]?.seconds ?? 0)).toBe(0);
    expect(traveller.leapsLeft()).toBe(LEAPS);
  });

  test('two devices with names, each where it is', () => {
    const traveller = createTraveller();
    for (let seconds = 0; seconds < 3_600; seconds += 15) {
      expect(traveller.report(HERE, seconds, 'phone')).toBe(0);
      expect(traveller.report(travel(HERE, 90, 900_000), seconds, 'tablet')).toBe(0);
    }
    expect(traveller.leapsLeft()).toBe(LEAPS - 1);
  });
});

describe('is not believed', () => {
  test('who leaps more than a few times, until the place is one that can be reached', () => {
    const traveller = createTraveller();
    expect(traveller.report(HERE, 0)).toBe(0);
    for (let leap = 1; leap <= LEAPS; leap++)
      expect(traveller.report(travel(HERE, 90, leap * 500_000), leap)).toBe(0);
    const last = travel(HERE, 90, LEAPS * 500_000);
    const waitMs = traveller.report(travel(last, 90, 500_000), LEAPS + 1);
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(LEAP_INTERVAL_MS);
    expect(traveller.report(travel(last, 180, 600_000), LEAPS + 2)).toBeGreaterThan(0);
    expect(traveller.report(travel(last, 0, 20_000), LEAPS + 3)).toBe(0);
  });

  test.each([351, 400, 1_000, 5_000])('who travels at %i m/s for long', (speed) => {
    expect(refusedOf(journey(speed, 30, 40))).toBeGreaterThan(0);
  });

  test('who makes each step too short to tell', () => {
    // 10 m every 10 ms are 1 km/s.
    expect(refusedOf(journey(1_000, 0.01, 30_000))).toBeGreaterThan(0);
  });

  test('who leaps by means of other devices and of other times', () => {
    const devices = createTraveller();
    const refused = Array.from({ length: 100 }, (_, nth) =>
      devices.report(travel(HERE, nth * 36, nth * 200_000), 1 + nth / 10, `device ${nth % 20}`),
    ).filter((waitMs) => waitMs > 0);
    expect(refused.length).toBeGreaterThanOrEqual(100 - 1 - LEAPS);
    const times = createTraveller();
    expect(times.report(HERE, 10_000)).toBe(0);
    const late = Array.from({ length: 20 }, (_, nth) =>
      times.report(travel(HERE, nth, 900_000), 9_999 - nth, undefined, 10_001),
    );
    expect(late.filter((waitMs) => waitMs > 0)).toHaveLength(20 - LEAPS);
  });
});

test('what anybody can reach grows by the speed and by a leap now and then, whatever is reported', () => {
  const step = fc.record({ bearing: fc.nat(359), meters: fc.nat(2_000_000), seconds: fc.nat(120) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const traveller = createTraveller();
      let [place, seconds, leaps] = [HERE as Place, 0, 0];
      traveller.report(HERE, 0);
      for (const each of steps) {
        seconds += each.seconds;
        const next = travel(place, each.bearing, each.meters);
        const before = traveller.leapsLeft() ?? 0;
        if (traveller.report(next, seconds) > 0) continue;
        if ((traveller.leapsLeft() ?? 0) < before) leaps += 1;
        place = next;
      }
      expect(leaps).toBeLessThanOrEqual(LEAPS + Math.ceil((seconds * 1_000) / LEAP_INTERVAL_MS));
    }),
  );
});
