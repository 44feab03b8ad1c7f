import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBatcher } from '../../../src/adapters/redis/batcher.js';

let done: string[];
let add: (group: number, item: string) => void;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  done = [];
  add = createBatcher<string>((items) => done.push(items.join('')));
});
afterEach(() => {
  vi.useRealTimers();
});

test('the first go in the same turn, those who come soon after together, in order', async () => {
  add(1, 'a');
  add(1, 'b');
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(['ab']);
  add(1, 'c');
  await turn();
  add(1, 'd');
  vi.advanceTimersByTime(49);
  expect(done).toEqual(['ab']);
  vi.advanceTimersByTime(1);
  expect(done).toEqual(['ab', 'cd']);
  add(1, 'e');
  vi.advanceTimersByTime(50);
  expect(done).toEqual(['ab', 'cd', 'e']);
});

test('nothing waits after a quiet time, and groups do not wait for each other', async () => {
  add(1, 'a');
  await turn();
  add(2, 'x');
  await turn();
  expect(done).toEqual(['a', 'x']);
  vi.advanceTimersByTime(50);
  add(1, 'b');
  await turn();
  expect(done).toEqual(['a', 'x', 'b']);
});
