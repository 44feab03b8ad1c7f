import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBatcher } from '../../../src/adapters/redis/batcher.js';

let done: string[];
let add: (item: string) => void;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  done = [];
  add = createBatcher<string>((items) => done.push(items.join('')));
});
afterEach(() => {
  vi.useRealTimers();
});

test('the first go in the same turn, those who come soon after together, in order', async () => {
  add('a');
  add('b');
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(['ab']);
  add('c');
  await turn();
  add('d');
  vi.advanceTimersByTime(49);
  expect(done).toEqual(['ab']);
  vi.advanceTimersByTime(1);
  expect(done).toEqual(['ab', 'cd']);
  add('e');
  vi.advanceTimersByTime(50);
  expect(done).toEqual(['ab', 'cd', 'e']);
});

test('nothing waits after a quiet time', async () => {
  add('a');
  await turn();
  vi.advanceTimersByTime(50);
  add('b');
  await turn();
  expect(done).toEqual(['a', 'b']);
});
