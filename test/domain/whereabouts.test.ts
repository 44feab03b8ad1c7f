import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distanceMeters, type GeoPoint } from '../../src/domain/distance.js';
import {
  ANNOUNCEMENT_MS,
  GREATEST_REACH_METERS,
  isOverdue,
  leastDistanceMeters,
  LEAST_REACH_METERS,
  nextReachMeters,
  nextWhereabouts,
  overlapMeters,
  parseWhereabouts,
  ROUNDING_METERS,
  toText,
  type Whereabouts,
} from '../../src/domain/whereabouts.js';

const PARIS: GeoPoint = { latitude: 48.8566, longitude: 2.3522 };
const MADE = { madeAtMs: 1_000, came: false, announced: true } as const;

const degrees = (limit: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.double({ min: -limit, max: limit, noNaN: true }),
    fc.constantFrom(0, limit, -limit, limit - 0.01, 0.01 - limit),
  );
const point = fc.record<GeoPoint>({ latitude: degrees(90), longitude: degrees(180) });
const reach = fc.integer({ min: LEAST_REACH_METERS, max: GREATEST_REACH_METERS });
const disc = fc.tuple(point, reach).map(([centre, reachMeters]): Whereabouts => ({
  ...centre,
  reachMeters,
  madeAtMs: 0,
  came: false,
  announced: true,
}));

/** A place so far from the centre of a disc, in some direction; poles and the antimeridian are passed. */
function placeFrom({ latitude, longitude }: GeoPoint, meters: number, bearing: number): GeoPoint {
  const [phi, lambda, delta] = [
    (latitude * Math.PI) / 180,
    (longitude * Math.PI) / 180,
    meters / 6_371_008.8,
  ];
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
  .filter(({ whereabouts, place }) => distanceMeters(place, whereabouts) <= whereabouts.reachMeters);

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

/** Of distances: less than what lists allow for, and most of it at the other end of the world, where nobody is near. */
const roundingMeters = (a: GeoPoint, b: GeoPoint): number => (distanceMeters(a, b) > 1.9e7 ? 0.5 : 1e-6);

describe('a disc that was announced', () => {
  test('never seems farther away than the friend who is inside of it', () => {
    fc.assert(
      fc.property(discAndPlaceInside, point, ({ whereabouts, place }, viewer) => {
        expect(leastDistanceMeters(viewer, whereabouts)).toBeLessThanOrEqual(
          distanceMeters(viewer, place) + roundingMeters(viewer, place),
        );
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
        expect(overlapMeters(viewer, whereabouts, radiusMeters, isWatched)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('keeps a friend watched whom a viewer would begin to watch', () => {
    fc.assert(
      fc.property(disc, point, fc.constantFrom(500, 8_047, 500_000), (whereabouts, viewer, radiusMeters) => {
        if (overlapMeters(viewer, whereabouts, radiusMeters, false) < 0) return;
        expect(overlapMeters(viewer, whereabouts, radiusMeters, true)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('is decided of alike as long as the viewer has not moved by as much as it overlaps', () => {
    const scene = fc
      .tuple(discAndPlaceInside, fc.constantFrom(500, 8_047, 500_000))
      .chain(([one, radiusMeters]) =>
        fc.tuple(fc.constant(one), fc.constant(radiusMeters), viewerOf(one, radiusMeters)),
      );
    const step = fc.tuple(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.double({ min: 0, max: 6.3, noNaN: true }),
    );
    fc.assert(
      fc.property(
        scene,
        step,
        fc.boolean(),
        ([{ whereabouts }, radiusMeters, from], [share, bearing], isWatched) => {
          const overlap = overlapMeters(from, whereabouts, radiusMeters, isWatched);
          const to = placeFrom(from, share * Math.abs(overlap), bearing);
          if (distanceMeters(from, to) + ROUNDING_METERS >= Math.abs(overlap)) return;
          expect(overlapMeters(to, whereabouts, radiusMeters, isWatched) >= 0).toBe(overlap >= 0);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('is not watched by a viewer whose radius can’t meet it', () => {
    const whereabouts: Whereabouts = { ...PARIS, ...MADE, reachMeters: 500 };
    expect(overlapMeters(placeFrom(PARIS, 8_047 + 500 + 5, 1), whereabouts, 8_047, false)).toBeLessThan(0);
    expect(
      overlapMeters(placeFrom(PARIS, 8_047 + 500 + 5, 1), whereabouts, 8_047, true),
    ).toBeGreaterThanOrEqual(0);
    expect(overlapMeters(placeFrom(PARIS, 8_047 + 500 + 305, 1), whereabouts, 8_047, true)).toBeLessThan(0);
  });
});

describe('an update', () => {
  const receivedAtMs = MADE.madeAtMs + 60_000;
  const known: Whereabouts = { ...PARIS, ...MADE, reachMeters: 1_000 };

  test('inside of the disc leaves it as it is, at its edge too', () => {
    fc.assert(
      fc.property(discAndPlaceInside, ({ whereabouts, place }) => {
        expect(nextWhereabouts({ ...place, receivedAtMs }, whereabouts)).toBe(whereabouts);
      }),
    );
  });

  test('outside of it begins another around the new place, of which nobody was told', () => {
    const place = placeFrom(PARIS, 1_200, 2);
    expect(nextWhereabouts({ ...place, receivedAtMs }, known)).toEqual({
      ...place,
      reachMeters: 5_000,
      madeAtMs: receivedAtMs,
      came: false,
      announced: false,
    });
  });

  test('of a user of whom nothing is known is a coming', () => {
    const disc = nextWhereabouts({ ...PARIS, receivedAtMs }, null);
    expect(disc).toEqual({
      ...PARIS,
      reachMeters: 500,
      madeAtMs: receivedAtMs,
      came: true,
      announced: false,
    });
  });

  test('is overdue to be told of once its server had the time for it', () => {
    expect(isOverdue(known, 1e9)).toBe(false);
    const untold = { ...known, announced: false };
    expect(isOverdue(untold, MADE.madeAtMs + ANNOUNCEMENT_MS)).toBe(false);
    expect(isOverdue(untold, MADE.madeAtMs + ANNOUNCEMENT_MS + 1)).toBe(true);
  });
});

describe('the reach of the next disc', () => {
  test('is what is travelled in twenty minutes, from 500 m to 5 km', () => {
    // 1.4 m/s: a walk.
    expect(nextReachMeters(504, 360_000)).toBe(1_680);
    // 30 m/s: a motorway.
    expect(nextReachMeters(600, 20_000)).toBe(5_000);
    // An hour for 600 m.
    expect(nextReachMeters(600, 3_600_000)).toBe(500);
  });

  test('stays within its bounds for any travel', () => {
    const meters = fc.double({ min: 0, max: 2.1e7, noNaN: true });
    const tookMs = fc.integer({ min: -10_000, max: 1e12 });
    fc.assert(
      fc.property(meters, tookMs, (far, long) => {
        const reachMeters = nextReachMeters(far, long);
        expect(Number.isInteger(reachMeters)).toBe(true);
        expect(reachMeters).toBeGreaterThanOrEqual(LEAST_REACH_METERS);
        expect(reachMeters).toBeLessThanOrEqual(GREATEST_REACH_METERS);
      }),
    );
  });
});

describe('the text', () => {
  test('gives back what it was made of', () => {
    const any = fc
      .tuple(disc, fc.nat(4e12), fc.boolean(), fc.boolean())
      .map(([one, madeAtMs, came, announced]): Whereabouts => ({ ...one, madeAtMs, came, announced }));
    fc.assert(
      fc.property(any, (one) => {
        // A zero has no sign there, as in JSON.
        const { latitude, longitude } = one;
        expect(parseWhereabouts(toText(one))).toEqual({
          ...one,
          latitude: latitude + 0,
          longitude: longitude + 0,
        });
      }),
    );
  });

  test('that is none, or of a place or a size that do not exist, is unknown', () => {
    const right = toText({ ...PARIS, ...MADE, reachMeters: 500 });
    expect(parseWhereabouts(right)).not.toBeNull();
    const foreign = [
      undefined,
      '',
      'null',
      `${right}1`,
      ` ${right}`,
      right.replace('48.8566', '90.1'),
      right.replace('2.3522', '-180.1'),
      right.replace('48.8566', '4-8'),
      right.replace('48.8566', 'NaN'),
      right.replace(',500,', ',0,'),
      right.replace(',500,', ',500.5,'),
      right.replace(',500,', ',100001,'),
      right.replace(',500,', ',,'),
      right.replace(/\d$/, '4'),
      right.replace(',500', ''),
    ];
    expect(foreign.filter((text) => parseWhereabouts(text) !== null)).toEqual([]);
  });
});
