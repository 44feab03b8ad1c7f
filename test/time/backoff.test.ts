import { expect, test } from 'vitest';
import { backoff } from '../../src/time/backoff.js';

test('waits twice as long after each attempt, up to the longest', () => {
  const delayMs = backoff(100, 500);
  expect([0, 1, 2, 3, 50, 5_000].map(delayMs)).toEqual([100, 200, 400, 500, 500, 500]);
});
