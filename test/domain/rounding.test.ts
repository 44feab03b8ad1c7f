import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundDegrees, roundMeters } from '../../src/domain/rounding.js';

const degrees = fc.double({ min: -180, max: 180, noNaN: true });
const meters = fc.double({ min: 0, max: 2.1e7, noNaN: true });

test.each([
  ['degrees', roundDegrees, degrees, 7],
  ['metres', roundMeters, meters, 2],
] as const)(
  '%s have the decimals that are told, and are the nearest of these',
  (_name, round, any, decimals) => {
    fc.assert(
      fc.property(any, (value) => {
        const rounded = round(value);
        expect(rounded).toBe(Number(rounded.toFixed(decimals)) + 0);
        expect(Math.abs(rounded - value)).toBeLessThanOrEqual(0.5000001 * 10 ** -decimals);
        expect(round(rounded)).toBe(rounded);
      }),
      { numRuns: 2_000 },
    );
  },
);

test.each([
  [180, 180],
  [-180, -180],
  [-179.99999999, -180],
  [90, 90],
  [89.99999994, 89.9999999],
  [-90, -90],
  [37.97554321987, 37.9755432],
  [0.000000149, 0.0000001],
])('%d degrees are told as %d', (value, told) => {
  expect(roundDegrees(value)).toBe(told);
});

test.each([-0, -1e-9, 1e-9])('%d is told as zero, which has no sign', (value) => {
  expect(roundDegrees(value)).toBe(0);
});
