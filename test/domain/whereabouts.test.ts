import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distanceMeters, type GeoPoint } from '../../src/domain/distance.js';
import {
  ANNOUNCEMENT_MS,
  GREATEST_REACH_METERS,
  hasLeft,
  isAnnounced,
  leastDistanceMeters,
  LEAST_REACH_METERS,
  nextReachMeters,
  shouldWatch,
  type Whereabouts,
} from '../../src/domain/whereabouts.js';

const degrees = (limit: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.double({ min: -limit, max: limit, noNaN: true }),
    fc.constantFrom(0, limit, -limit, limit - 0.01, 0.01 - limit),
  );
const point = fc.record<GeoPoint>({ latitude: degrees(90), longitude: degrees(180) });
const reach = fc.double({ min: LEAST_REACH_METERS, max: GREATEST_REACH_METERS, noNaN: true });
const disc = fc
  .tuple(point, reach)
  .map(
    ([centre, reachMeters]): Whereabouts => ({
      ...centre,
      reachMeters,
      since: 'an id',
      madeAtMs: 0,
      came: false,
      announced: true,
    }),
  );

/** A place so far from the centre of a disc, in some direction; poles and the antimeridian are passed. */
function placeFrom({ latitude, longitude }: GeoPoint, meters: number, bearing: number): GeoPoint {
  const [phi, lambda, delta] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180, meters / 6_371_008.8];
  const sin = Math.sin(phi) * Math.cos(delta) + Math.cos(phi) * Math.sin(delta) * Math.cos(bearing);
  const phi2 = Math.asin(Math.max(-1, Math.min(1, sin)));
  const turned = Math.atan2(
    Math.sin(bearing) * Math.sin(delta) * Math.cos(phi),
    Math.cos(delta) - Math.sin(phi) * sin,
  );
  const wrapped = ((((lambda + turned) * 180) / Math.PI + 540) % 360) - 180;
  return { latitude: (phi2 * 180) / Math.PI, longitude: wrapped };
}

/** A disc and a place inside of it, up to its edge. */
const discAndPlaceInside = fc
  .tuple(disc, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 6.3, noNaN: true }))
  .map(([whereabouts, share, bearing]) => ({
    whereabouts,
    place: placeFrom(whereabouts, share * whereabouts.reachMeters, bearing),
  }))
  .filter(({ whereabouts, place }) => !hasLeft(place, whereabouts));

/** Viewers everywhere, and some at the edge of what is in reach. */
const viewerOf = ({ whereabouts }: { whereabouts: Whereabouts }, radiusMeters: number) =>
  fc.oneof(
    point,
    fc
      .tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: 0, max: 6.3, noNaN: true }))
      .map(([off, bearing]) =>
        placeFrom(whereabouts, Math.max(0, radiusMeters + whereabouts.reachMeters + off), bearing),
      ),
  );

describe('a disc that was announced', () => {
  test('never seems farther away than the friend who is inside of it', () => {
    fc.assert(
      fc.property(discAndPlaceInside, point, ({ whereabouts, place }, viewer) => {
        expect(leastDistanceMeters(viewer, whereabouts)).toBeLessThanOrEqual(distanceMeters(viewer, place) + 1e-6);
      }),
    );
  });

  test('makes a viewer watch every friend inside of it who is within the radius', () => {
    const radius = fc.constantFrom(500, 8_047, 50_000, 500_000);
    const scene = fc
      .tuple(discAndPlaceInside, radius)
      .chain(([one, radiusMeters]) =>
        fc.tuple(fc.constant(one), fc.constant(radiusMeters), viewerOf(one, radiusMeters)),
      );
    fc.assert(
      fc.property(scene, fc.boolean(), ([{ whereabouts, place }, radiusMeters, viewer], isWatched) => {
        if (distanceMeters(viewer, place) > radiusMeters) return;
        expect(shouldWatch(viewer, whereabouts, radiusMeters, isWatched)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('keeps a friend watched whom a viewer would begin to watch', () => {
    fc.assert(
      fc.property(disc, point, fc.constantFrom(500, 8_047, 500_000), (whereabouts, viewer, radiusMeters) => {
        if (!shouldWatch(viewer, whereabouts, radiusMeters, false)) return;
        expect(shouldWatch(viewer, whereabouts, radiusMeters, true)).toBe(true);
      }),
    );
  });

  test('is not watched by a viewer whose radius can’t meet it', () => {
    const whereabouts: Whereabouts = { ...PARIS, ...MADE, reachMeters: 500 };
    expect(shouldWatch(placeFrom(PARIS, 8_047 + 500 + 5, 1), whereabouts, 8_047, false)).toBe(false);
    expect(shouldWatch(placeFrom(PARIS, 8_047 + 500 + 5, 1), whereabouts, 8_047, true)).toBe(true);
    expect(shouldWatch(placeFrom(PARIS, 8_047 + 500 + 305, 1), whereabouts, 8_047, true)).toBe(false);
  });
});

describe('the reach of the next disc', () => {
  test('is 500 m for a user who comes, and what is travelled in twenty minutes for others, up to 5 km', () => {
    expect(nextReachMeters(null)).toBe(500);
    // 1.4 m/s: a walk.
    expect(nextReachMeters({ meters: 504, seconds: 360 })).toBeCloseTo(1_680, 6);
    // 30 m/s: a motorway.
    expect(nextReachMeters({ meters: 600, seconds: 20 })).toBe(5_000);
    // An hour for 600 m.
    expect(nextReachMeters({ meters: 600, seconds: 3_600 })).toBe(500);
  });

  test('stays within its bounds for any travel', () => {
    const any = fc.record({
      meters: fc.double({ min: 0, max: 2.1e7, noNaN: true }),
      seconds: fc.double({ min: -10, max: 1e9, noNaN: true }),
    });
    fc.assert(
      fc.property(any, (travel) => {
        const meters = nextReachMeters(travel);
        expect(meters).toBeGreaterThanOrEqual(LEAST_REACH_METERS);
        expect(meters).toBeLessThanOrEqual(GREATEST_REACH_METERS);
      }),
    );
  });
});

test('a disc counts as announced once it was, and while its server may still be about to', () => {
  const whereabouts: Whereabouts = { ...PARIS, ...MADE, reachMeters: 500 };
  expect(isAnnounced(whereabouts, 1e9)).toBe(true);
  expect(isAnnounced({ ...whereabouts, announced: false }, MADE.madeAtMs + ANNOUNCEMENT_MS)).toBe(true);
  expect(isAnnounced({ ...whereabouts, announced: false }, MADE.madeAtMs + ANNOUNCEMENT_MS + 1)).toBe(false);
});

const PARIS: GeoPoint = { latitude: 48.8566, longitude: 2.3522 };
const MADE = { since: 'an id', madeAtMs: 1_000, came: false, announced: true } as const;
