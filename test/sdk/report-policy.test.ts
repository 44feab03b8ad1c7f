import fc from 'fast-check';
import { DEFAULT_POLICY, type Fix, reportDueAtMs } from 'nearby-friends-client';
import { expect, test } from 'vitest';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 47.37, longitude: 8.54 };
const TAKEN_AT_MS = Date.UTC(2026, 10, 23);
const TEN_MINUTES_MS = 600_000;

const fixAt = (meters: number, accuracyMeters: number | null = null): Fix => ({
  ...travel(HERE, 90, meters),
  accuracyMeters,
  takenAtMs: TAKEN_AT_MS,
});

const waitOf = (meters: number, accuracyMeters: number | null, hidden: boolean): number =>
  reportDueAtMs(fixAt(0), fixAt(meters, accuracyMeters), hidden, DEFAULT_POLICY) - TAKEN_AT_MS;

test.each([
  ['the usual', 40, null, false, 30_000],
  ['a real move', 150, 20, false, 10_000],
  ['a move that may be noise', 150, 200, false, 120_000],
  ['one who stays', 5, null, false, 120_000],
  ['a hidden app', 150, 20, true, 300_000],
])('%s', (_name, meters, accuracy, hidden, expected) => {
  expect(waitOf(meters, accuracy, hidden)).toBe(expected);
});

test('the first position is reported at once', () => {
  expect(reportDueAtMs(null, fixAt(0), true, DEFAULT_POLICY)).toBe(TAKEN_AT_MS);
});

test('whoever moves how they like is heard of twice before friends take them for inactive', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.option(fc.double({ min: 0, max: 1e5, noNaN: true })),
      fc.boolean(),
      (meters, accuracy, hidden) => {
        const waitMs = waitOf(meters, accuracy, hidden);
        expect(waitMs).toBeGreaterThanOrEqual(DEFAULT_POLICY.movingMs);
        expect(waitMs).toBeLessThanOrEqual(TEN_MINUTES_MS / 2);
      },
    ),
  );
});
