import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distanceMeters, type GeoPoint } from '../../src/domain/distance.js';
import { SafeRegion } from '../../src/domain/safe-region.js';

const HERE: GeoPoint = { latitude: 50, longitude: 8 };
const EAST: GeoPoint = { latitude: 50, longitude: 8.01 };

test('nobody is inside before it starts, and anybody somewhere until it is narrowed', () => {
  const region = new SafeRegion();
  expect([region.has(null), region.has(HERE)]).toEqual([false, false]);
  region.startAt(HERE);
  expect([region.has(HERE), region.has(EAST), region.has(null)]).toEqual([true, true, false]);
});

test('who was nowhere is outside as soon as they are somewhere', () => {
  const region = new SafeRegion();
  region.startAt(null);
  expect([region.has(null), region.has(HERE)]).toEqual([true, false]);
});

test('who was nowhere when something was decided is outside when they are back', () => {
  const region = new SafeRegion();
  region.startAt(HERE);
  region.narrow(null, 0);
  expect(region.has(HERE)).toBe(false);
});

test('what may change with the next step leaves no room, not even to stay', () => {
  const region = new SafeRegion();
  region.startAt(HERE);
  region.narrow(HERE, 0);
  expect(region.has(HERE)).toBe(false);
});

const CENTRES: readonly GeoPoint[] = [
  HERE,
  { latitude: 89.9, longitude: 0 },
  { latitude: 0, longitude: 180 },
];

const pointNear = ({ latitude, longitude }: GeoPoint): fc.Arbitrary<GeoPoint> => {
  const degrees = fc.double({ min: -0.1, max: 0.1, noNaN: true });
  return fc.tuple(degrees, degrees).map(([north, east]) => ({
    latitude: Math.min(90, latitude + north),
    longitude: ((longitude + east + 540) % 360) - 180,
  }));
};

/** Where a viewer was at first, what was decided from where, and where the viewer is then: where people live, at a pole and at the antimeridian. */
const walk = fc.constantFrom(...CENTRES).chain((centre) => {
  const point = pointNear(centre);
  const decision = fc.tuple(point, fc.double({ min: 10_000, max: 60_000, noNaN: true }));
  return fc.tuple(point, fc.array(decision, { minLength: 1, maxLength: 4 }), point);
});

test('who is inside has moved by less than what any decision allows, wherever that was made', () => {
  let inside = 0;
  fc.assert(
    fc.property(walk, ([start, decisions, viewer]) => {
      const region = new SafeRegion();
      region.startAt(start);
      for (const [from, meters] of decisions) region.narrow(from, meters);
      if (!region.has(viewer)) return;
      inside += 1;
      for (const [from, meters] of decisions) expect(distanceMeters(from, viewer)).toBeLessThan(meters);
    }),
    { numRuns: 1_000 },
  );
  expect(inside).toBeGreaterThan(20);
});
