import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellOf } from '../../src/domain/cell.js';
import { metersBetween, travel, travelExactly } from '../support/sphere.js';

const KM = 1_000;
const latitude = fc.oneof(
  fc.double({ min: -90, max: 90, noNaN: true }),
  fc.constantFrom(-90, -89.9, 0, 89.9, 90),
);
const longitude = fc.oneof(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.constantFrom(-180, -179.999, -0, 0, 179.999, 180),
);
const place = fc.record({ latitude, longitude });

test('a cell is a whole number, and the same for the two ways to write the antimeridian', () => {
  fc.assert(
    fc.property(place, (at) => {
      expect(Number.isSafeInteger(cellOf(at))).toBe(true);
      expect(cellOf({ ...at, longitude: 180 })).toBe(cellOf({ ...at, longitude: -180 }));
    }),
  );
});

test('each pole is one place, whatever its longitude', () => {
  fc.assert(
    fc.property(longitude, longitude, fc.constantFrom(-90, 90), (one, other, pole) => {
      expect(cellOf({ latitude: pole, longitude: one })).toBe(cellOf({ latitude: pole, longitude: other }));
    }),
  );
});

test('who is 100 km away is in another cell, across poles and antimeridian, too', () => {
  const away = fc.double({ min: 100 * KM, max: 20_000 * KM, noNaN: true });
  fc.assert(
    fc.property(place, fc.double({ min: 0, max: 360, noNaN: true }), away, (from, bearing, meters) => {
      const to = travel(from, bearing, meters);
      expect(metersBetween(from, to)).toBeGreaterThan(99 * KM);
      expect(cellOf(to)).not.toBe(cellOf(from));
    }),
    { numRuns: 2_000 },
  );
});

test('who is a kilometre away is in the same cell, but for one in thirty, near the poles as elsewhere', () => {
  for (const [from, to] of [
    [-90, 90],
    [85, 89.5],
    [-89.5, -85],
  ] as const) {
    const samples = fc.sample(
      fc.tuple(
        fc.double({ min: from, max: to, noNaN: true }),
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: 0, max: 360, noNaN: true }),
      ),
      { numRuns: 20_000, seed: 1 },
    );
    const together = samples.filter(([latitude, longitude, bearing]) => {
      const place = { latitude, longitude };
      return cellOf(travelExactly(place, bearing, KM)) === cellOf(place);
    });
    expect(together.length / samples.length, String(from)).toBeGreaterThan(1 - 1 / 30);
  }
});

test('the Earth has as many cells as it has areas of 50 km by 50 km, in each zone', () => {
  const EARTH_KM2 = 510_065_622;
  for (const [south, north] of [
    [-90, 90],
    [-10, 10],
    [50, 60],
    [80, 90],
  ] as const) {
    const cells = new Set<number>();
    for (let latitude = south + 0.01; latitude < north; latitude += 0.1)
      for (let longitude = -180; longitude < 180; longitude += 0.2)
        cells.add(cellOf({ latitude, longitude }));
    const sine = (degrees: number): number => Math.sin((degrees * Math.PI) / 180);
    const zoneKm2 = (EARTH_KM2 * (sine(north) - sine(south))) / 2;
    const ratio = cells.size / (zoneKm2 / 2_500);
    expect(ratio, `${south} to ${north}`).toBeGreaterThan(0.95);
    expect(ratio, `${south} to ${north}`).toBeLessThan(1.05);
  }
});
