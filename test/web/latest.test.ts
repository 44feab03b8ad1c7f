import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { latest } from '../../web/src/latest.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('hands on the first at once, and of those that follow fast the latest', () => {
  const seen: number[] = [];
  const shown = latest<number>(250, (value) => seen.push(value));
  shown.set(1);
  expect(seen).toEqual([1]);
  shown.set(2);
  shown.set(3);
  vi.advanceTimersByTime(249);
  expect(seen).toEqual([1]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual([1, 3]);
  shown.set(4);
  vi.advanceTimersByTime(250);
  expect(seen).toEqual([1, 3, 4]);
  vi.advanceTimersByTime(1_000);
  shown.set(5);
  expect(seen).toEqual([1, 3, 4, 5]);
});

it('hands on nothing after it was stopped', () => {
  const seen: number[] = [];
  const shown = latest<number>(250, (value) => seen.push(value));
  shown.set(1);
  shown.set(2);
  shown.stop();
  vi.advanceTimersByTime(1_000);
  expect(seen).toEqual([1]);
});
