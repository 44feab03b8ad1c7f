import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NearbyFriendsError } from '../../sdk/src/errors.js';
import { createRetryAfter } from '../../sdk/src/retry-after.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refusal = (retryAfterSeconds?: number) =>
  new NearbyFriendsError('RATE_LIMITED', 'too many', { retryAfterSeconds });

/** The seconds after which the operation may be sent. */
async function secondsAfter(error: unknown, signal = new AbortController().signal): Promise<number> {
  const retryAfter = createRetryAfter(signal);
  retryAfter.heed(error);
  const fromMs = Date.now();
  let waitedMs: number | null = null;
  void retryAfter.passed().then(() => (waitedMs = Date.now() - fromMs));
  while (waitedMs === null) await vi.advanceTimersByTimeAsync(500);
  return Math.floor(waitedMs / 1_000);
}

test.each([
  ['as long as the server says', refusal(7), 7],
  ['a minute at most', refusal(86_400), 60],
  ['not when it does not say', refusal(), 0],
  ['not after another error', new TypeError('of a transport'), 0],
])('waits %s', async (_how, error, seconds) => {
  expect(await secondsAfter(error)).toBe(seconds);
});

test('ends with its signal', async () => {
  const ending = new AbortController();
  setTimeout(() => {
    ending.abort();
  }, 2_000);
  expect(await secondsAfter(refusal(30), ending.signal)).toBe(2);
  expect(await secondsAfter(refusal(30), ending.signal)).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
