import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAVE_FACTOR, takeArrivals } from '../../src/domain/near-alerts.js';
import type { NearbyFrame } from '../../src/domain/proximity-gate.js';

const RADII = new Map([
  ['ada', 500],
  ['eve', 1_000],
]);

/** @param places distances in metres; null for who leaves. */
function frame(places: Readonly<Record<string, number | null>>, snapshot = false): NearbyFrame {
  const all = Object.entries(places);
  return {
    snapshot,
    nearby: all.flatMap(([id, distanceMeters]) =>
      distanceMeters === null
        ? []
        : [{ friend: { id, handle: id, displayName: id }, distanceMeters, location: null as never }],
    ),
    left: all.flatMap(([friendId, meters]) =>
      meters === null ? [{ friendId, reason: 'OUT_OF_RANGE' as const }] : [],
    ),
    origin: null,
  };
}

/** Who arrives with each of the frames. */
function arrivals(...frames: NearbyFrame[]): string[][] {
  const near = new Set<string>();
  return frames.map((each) => takeArrivals(near, each, RADII).map(({ id }) => id));
}

describe('takeArrivals', () => {
  it('tells who comes within the own radius, once', () => {
    expect(
      arrivals(frame({ ada: 800, eve: 800 }, true), frame({ ada: 500 }), frame({ ada: 100, eve: 10 })),
    ).toEqual([['eve'], ['ada'], []]);
  });

  it('tells again of who went beyond the radius and its margin, left, or is missing in a snapshot', () => {
    const near = frame({ ada: 400 });
    expect(arrivals(near, frame({ ada: 500 * LEAVE_FACTOR }), near)).toEqual([['ada'], [], []]);
    expect(arrivals(near, frame({ ada: 501 * LEAVE_FACTOR }), near)).toEqual([['ada'], [], ['ada']]);
    expect(arrivals(near, frame({ ada: null }), near)).toEqual([['ada'], [], ['ada']]);
    expect(arrivals(near, frame({}, true), near)).toEqual([['ada'], [], ['ada']]);
    expect(arrivals(near, frame({ ada: 590 }, true), near)).toEqual([['ada'], [], []]);
  });

  it('tells nothing of friends without an alert', () => {
    expect(arrivals(frame({ bob: 0 }, true), frame({ bob: 1 }))).toEqual([[], []]);
  });

  it('is right for any way: between two arrivals somebody was away, and who arrives is within the radius', () => {
    const step = fc.tuple(fc.option(fc.double({ min: 0, max: 2_000, noNaN: true })), fc.boolean());
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const near = new Set<string>();
        let isNear = false;
        for (const [meters, snapshot] of steps) {
          const arrived = takeArrivals(near, frame({ ada: meters }, snapshot), RADII).length > 0;
          if (arrived) expect(isNear).toBe(false);
          if (arrived) expect(meters).toBeLessThanOrEqual(500);
          if (meters !== null && meters <= 500) expect(isNear || arrived).toBe(true);
          isNear = (isNear || arrived) && meters !== null && meters <= 500 * LEAVE_FACTOR;
        }
      }),
    );
  });
});
