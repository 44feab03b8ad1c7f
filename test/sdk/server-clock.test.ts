import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createServerClock, type ServerClock } from '../../sdk/src/server-clock.js';

const START_MS = Date.parse('2026-03-14T09:00:00Z');

let clock: ServerClock;
beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
  clock = createServerClock();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The server tells its time `toServerMs` after it was asked, and the device hears it `backMs` later. */
function answer(aheadMs: number, toServerMs: number, backMs: number): void {
  const askedAtMs = clock.deviceNow();
  vi.advanceTimersByTime(toServerMs);
  const serverTime = new Date(Date.now() + aheadMs).toISOString();
  vi.advanceTimersByTime(backMs);
  clock.learn({ serverTime }, askedAtMs);
}

test.each([
  ['on its way there', 9_000, 0],
  ['on its way back', 0, 9_000],
])('a device that is right stays right by an answer that was late %s', (_, toServerMs, backMs) => {
  answer(0, toServerMs, backMs);
  expect(clock.now()).toBe(Date.now());
});

test('a late answer does not move the time that a quick one has told', () => {
  answer(-600_000, 10, 10);
  const known = clock.aheadMs;
  expect(known).toBeCloseTo(-600_000, -2);
  answer(-600_000, 0, 9_000);
  expect(clock.aheadMs).toBe(known);
  answer(-600_000, 9_000, 0);
  expect(clock.aheadMs).toBe(known);
});

test('a quick answer corrects the time that a late one has told', () => {
  answer(600_000, 0, 9_000);
  expect(Math.abs((clock.aheadMs ?? 0) - 600_000)).toBeLessThanOrEqual(4_500);
  answer(600_000, 10, 10);
  expect(clock.aheadMs).toBeCloseTo(600_000, -2);
});

test('a device whose time is put right is right', () => {
  answer(600_000, 10, 10);
  vi.setSystemTime(Date.now() + 600_000);
  answer(0, 10, 10);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(100);
});
