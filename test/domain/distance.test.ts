import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  distanceMeters,
  distanceWithin,
  EARTH_RADIUS_METERS,
  type GeoPoint,
} from '../../src/domain/distance.js';

const HALF_CIRCUMFERENCE = Math.PI * EARTH_RADIUS_METERS;

/** Degrees that hit poles, meridians and their neighbourhood as often as the rest. */
function degrees(limit: number): fc.Arbitrary<number> {
  const corners = [0, limit, -limit, limit / 2, limit - 1e-9, 1e-9 - limit, limit - 0.001, 0.001 - limit];
  return fc.oneof(fc.double({ min: -limit, max: limit, noNaN: true }), fc.constantFrom(...corners));
}

const point = fc.record<GeoPoint>({ latitude: degrees(90), longitude: degrees(180) });

const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));

/** Two points up to some kilometres apart, down to less than a millimetre. */
const nearPoints = fc
  .tuple(
    point,
    fc.constantFrom(1e-9, 1e-6, 1e-3, 0.1),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.nat(3),
  )
  .map(([a, scale, shift, direction]): [GeoPoint, GeoPoint] => {
    const [north, east] = [direction & 1 ? shift : -shift / 3, direction & 2 ? shift : shift / 7];
    const longitude = a.longitude + scale * east;
    const wrapped = longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude;
    return [a, { latitude: clamp(a.latitude + scale * north, 90), longitude: wrapped }];
  });

const pair = fc.oneof(fc.tuple(point, point), nearPoints);

/** The angle between the two vectors from the centre, by their cross and dot product: right at every distance. */
function byVectors(a: GeoPoint, b: GeoPoint): number {
  const [ax, ay, az] = vectorOf(a);
  const [bx, by, bz] = vectorOf(b);
  const cross = Math.hypot(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx);
  return EARTH_RADIUS_METERS * Math.atan2(cross, ax * bx + ay * by + az * bz);
}

function vectorOf({ latitude, longitude }: GeoPoint): [number, number, number] {
  const [phi, lambda] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

/** Vincenty's formula for an ellipsoid whose axes are equal. */
function byVincenty(a: GeoPoint, b: GeoPoint): number {
  const [phi1, phi2] = [(a.latitude * Math.PI) / 180, (b.latitude * Math.PI) / 180];
  const lambda = ((b.longitude - a.longitude) * Math.PI) / 180;
  const y = Math.hypot(
    Math.cos(phi2) * Math.sin(lambda),
    Math.cos(phi1) * Math.sin(phi2) - Math.sin(phi1) * Math.cos(phi2) * Math.cos(lambda),
  );
  const x = Math.sin(phi1) * Math.sin(phi2) + Math.cos(phi1) * Math.cos(phi2) * Math.cos(lambda);
  return EARTH_RADIUS_METERS * Math.atan2(y, x);
}

describe('distanceMeters', () => {
  test('is the great-circle distance that two other formulas give', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const distance = distanceMeters(a, b);
        // The haversine loses half of the digits towards the antipodes: 0.2 m of 20,000 km.
        const tolerance = distance > 0.999 * HALF_CIRCUMFERENCE ? 0.5 : 2e-8 + distance * 1e-9;
        expect(Math.abs(distance - byVincenty(a, b))).toBeLessThanOrEqual(tolerance);
        expect(Math.abs(distance - byVectors(a, b))).toBeLessThanOrEqual(tolerance);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is symmetric, never negative, at most half the circumference, and 0 from a point to itself', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const distance = distanceMeters(a, b);
        expect(distanceMeters(b, a)).toBe(distance);
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(HALF_CIRCUMFERENCE);
        expect(distanceMeters(a, a)).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each<[string, [number, number], [number, number], number]>([
    ['a degree of latitude', [10, 20], [11, 20], 111_195.0802],
    ['a degree across the antimeridian', [0, 179.5], [0, -179.5], 111_195.0802],
    ['180 and -180, one meridian', [37, 180], [37, -180], 0],
    ['the north pole on two meridians', [90, 0], [90, 137], 0],
    ['the south pole on two meridians', [-90, -180], [-90, 12.5], 0],
    ['across the north pole', [89.5, 0], [89.5, 180], 111_195.0802],
    ['across the south pole', [-89.5, 90], [-89.5, -90], 111_195.0802],
    ['pole to pole', [90, 0], [-90, 0], HALF_CIRCUMFERENCE],
    ['antipodes on the equator', [0, 0], [0, 180], HALF_CIRCUMFERENCE],
    ['antipodes elsewhere', [37.98, 23.73], [-37.98, -156.27], HALF_CIRCUMFERENCE],
    ['a quarter', [0, 0], [0, 90], HALF_CIRCUMFERENCE / 2],
    ['a millimetre', [37.98, 23.73], [37.98 + 8.99320363e-9, 23.73], 0.001],
  ])('%s', (_name, [latitude, longitude], [otherLatitude, otherLongitude], meters) => {
    const distance = distanceMeters(
      { latitude, longitude },
      { latitude: otherLatitude, longitude: otherLongitude },
    );
    expect(Math.abs(distance - meters)).toBeLessThanOrEqual(1e-3 * Math.max(1e-3, Math.min(1, meters)));
  });
});

describe('distanceWithin', () => {
  test('never differs from measuring and comparing', () => {
    const radius = fc.oneof(
      fc.double({ min: Number.MIN_VALUE, max: 500_000, noNaN: true }),
      fc.constantFrom(1e-9, 1e-3, 1, 500_000),
    );
    fc.assert(
      fc.property(pair, radius, ([a, b], radiusMeters) => {
        const distance = distanceMeters(a, b);
        expect(distanceWithin(a, b, radiusMeters)).toBe(distance <= radiusMeters ? distance : null);
      }),
      { numRuns: 2_000 },
    );
  });

  test('never differs where the radius is the distance, or next to it, along a meridian', () => {
    const alongMeridian = fc
      .tuple(degrees(90), fc.double({ min: -4, max: 4, noNaN: true }), degrees(180))
      .map(([latitude, shift, longitude]): [GeoPoint, GeoPoint] => [
        { latitude, longitude },
        { latitude: clamp(latitude + shift, 90), longitude },
      ]);
    fc.assert(
      fc.property(fc.oneof(alongMeridian, nearPoints), ([a, b]) => {
        const distance = distanceMeters(a, b);
        for (const radiusMeters of [distance, distance * (1 - 2 ** -52), distance * (1 + 2 ** -52)]) {
          expect(distanceWithin(a, b, radiusMeters)).toBe(distance <= radiusMeters ? distance : null);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
