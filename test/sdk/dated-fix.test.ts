import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFixDating, type DatedFix, isNewer, isPlace } from '../../sdk/src/dated-fix.js';
import type { Fix } from '../../sdk/src/report-policy.js';

const HOUR_MS = 3_600_000;
const TTL_MS = 600_000;

let awakeSinceMs: number;
let date: (fix: Fix) => DatedFix;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 28, 12) });
  awakeSinceMs = -Infinity;
  date = createFixDating({
    deviceNow: () => Date.now(),
    now: () => Date.now(),
    aheadMs: 0,
    isAgreed: true,
    get awakeSinceMs() {
      return awakeSinceMs;
    },
    locationTtlMs: TTL_MS,
    learn: () => undefined,
  });
});

afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

/** How old the fix is that arrives now, with that date and at that place. */
function ageOf(takenAtMs: number, latitude = 1): number {
  const fix = date({ latitude, longitude: 0, accuracyMeters: 5, takenAtMs });
  expect(fix.arrivedAtMs).toBe(Date.now());
  return Date.now() - fix.takenAtMs;
}

test('a date that can be right is believed', () => {
  for (const ageMs of [0, 400, 60_000, TTL_MS, 3 * HOUR_MS]) expect(ageOf(Date.now() - ageMs)).toBe(ageMs);
});

test.each([
  ['ahead', () => Date.now() + HOUR_MS],
  ['of another decade', () => Date.now() - 1_024 * 7 * 24 * HOUR_MS],
  ['in seconds', () => Date.now() / 1_000],
  ['no number', () => NaN],
])('a fix with a date that is %s was taken now, and the next right one keeps its own', (_what, wrong) => {
  expect(ageOf(wrong())).toBe(0);
  pass(1_000);
  expect(ageOf(Date.now() - 300)).toBe(300);
});

describe('a clock that stands still', () => {
  test('dates what comes from elsewhere as taken now, after the first second', () => {
    const takenAtMs = Date.now();
    expect(ageOf(takenAtMs, 1)).toBe(0);
    pass(500);
    expect(ageOf(takenAtMs, 2)).toBe(500);
    for (let place = 3; place < 10; place++) {
      pass(60_000);
      expect(ageOf(takenAtMs, place)).toBe(0);
    }
    expect(ageOf(takenAtMs, 1)).toBe(0);
  });

  test('gives nothing new while the place is the same', () => {
    const takenAtMs = Date.now();
    const fix = { latitude: 1, longitude: 0, accuracyMeters: 5, takenAtMs };
    const first = date(fix);
    pass(60_000);
    expect(isNewer(date(fix), first)).toBe(false);
    expect(isNewer(date({ ...fix, latitude: 2 }), first)).toBe(true);
  });
});

describe('a clock that is behind', () => {
  const BEHIND_MS = 2 * HOUR_MS;

  test.each([
    ['by two hours', 2 * HOUR_MS],
    ['by an odd time', 47 * 60_000 + 123],
    ['by a month', 30 * 24 * HOUR_MS],
  ])('%s is found out within seconds', (_by, behindMs) => {
    expect(ageOf(Date.now() - behindMs)).toBe(behindMs);
    for (let second = 1; second < 3; second++) {
      pass(1_000);
      expect(ageOf(Date.now() - behindMs)).toBe(behindMs);
    }
    for (let second = 3; second < 100; second++) {
      pass(1_000);
      expect(ageOf(Date.now() - behindMs)).toBe(0);
    }
    // A fix that is older than the others of that clock.
    expect(ageOf(Date.now() - behindMs - 20_000)).toBe(20_000);
    expect(ageOf(Date.now() - behindMs - HOUR_MS)).toBe(HOUR_MS);
  });

  test('is found out from two fixes that come half a minute apart, some seconds old', () => {
    expect(ageOf(Date.now() - BEHIND_MS - 4_000)).toBe(BEHIND_MS + 4_000);
    pass(30_000);
    expect(ageOf(Date.now() - BEHIND_MS)).toBe(0);
    pass(30_000);
    expect(ageOf(Date.now() - BEHIND_MS - 3_000)).toBe(3_000);
  });

  test('is found out behind an older fix of the cache', () => {
    expect(ageOf(Date.now() - BEHIND_MS - HOUR_MS)).toBe(BEHIND_MS + HOUR_MS);
    pass(1_000);
    expect(ageOf(Date.now() - BEHIND_MS)).toBe(BEHIND_MS);
    pass(4_000);
    expect(ageOf(Date.now() - BEHIND_MS)).toBe(0);
  });

  test('is believed again once it is right', () => {
    for (let second = 0; second < 5; second++, pass(1_000)) ageOf(Date.now() - BEHIND_MS);
    expect(ageOf(Date.now() - 700)).toBe(700);
    pass(1_000);
    expect(ageOf(Date.now() - BEHIND_MS)).toBe(BEHIND_MS);
  });
});

describe('what is really old stays old:', () => {
  const oldest = 2 * HOUR_MS;

  test('the first fix after waking', () => {
    expect(ageOf(Date.now() - oldest, 1)).toBe(oldest);
    pass(2_000);
    expect(ageOf(Date.now() - 100, 2)).toBe(100);
  });

  test('the first fix after each of several sleeps of the same length', () => {
    for (let sleep = 0; sleep < 5; sleep++) {
      expect(ageOf(Date.now() - HOUR_MS, sleep)).toBe(HOUR_MS);
      pass(HOUR_MS);
      awakeSinceMs = Date.now();
    }
  });

  test('one that the cache gives again and again', () => {
    const takenAtMs = Date.now() - oldest;
    for (let second = 0; second < 100; second++, pass(1_000)) {
      expect(ageOf(takenAtMs)).toBe(oldest + second * 1_000);
    }
  });

  test('many that come at once', () => {
    for (let second = 0; second < 600; second++, pass(2)) {
      const takenAtMs = Date.now() - oldest + second * 1_000;
      expect(ageOf(takenAtMs, second / 10)).toBe(Date.now() - takenAtMs);
    }
    // Two at the same second.
    expect(ageOf(Date.now() - HOUR_MS, 1)).toBe(HOUR_MS);
    expect(ageOf(Date.now() - HOUR_MS, 2)).toBe(HOUR_MS);
  });
});

test.each([
  [90, 180, 0, true],
  [-90, -180, null, true],
  [90.1, 0, 5, false],
  [0, -180.1, 5, false],
  [NaN, 0, 5, false],
  [0, Infinity, 5, false],
  [0, 0, -1, false],
  [0, 0, NaN, true],
])('%d, %d with an accuracy of %d: %s', (latitude, longitude, accuracyMeters, is) => {
  expect(isPlace({ latitude, longitude, accuracyMeters, takenAtMs: 0 })).toBe(is);
});
