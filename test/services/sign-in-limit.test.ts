import { expect, test, vi } from 'vitest';
import { createSignInLimit } from '../../src/services/sign-in-limit.js';

const fail = () => Promise.resolve(null);
const succeed = () => Promise.resolve('in');
const refused = { kind: 'rate-limited' };

test('counts failures per handle, and nothing else', async () => {
  const onRefused = vi.fn();
  const limit = createSignInLimit({ failures: 3, windowSeconds: 60, onRefused });
  for (let i = 0; i < 10; i += 1) expect(await limit.guard('ann', succeed)).toBe('in');
  for (let i = 0; i < 10; i += 1) {
    await expect(limit.guard('ann', () => Promise.reject(new Error('no database')))).rejects.toThrow(
      'no database',
    );
  }
  for (let i = 0; i < 3; i += 1) expect(await limit.guard('ann', fail)).toBeNull();
  expect(onRefused).not.toHaveBeenCalled();
  await expect(limit.guard('ann', succeed)).rejects.toMatchObject(refused);
  expect(onRefused).toHaveBeenCalledOnce();
  expect(await limit.guard('bob', succeed)).toBe('in');
});

test('counts attempts under way, so that guessing at once gains nothing', async () => {
  const limit = createSignInLimit({ failures: 3, windowSeconds: 60 });
  const attempt = vi.fn(fail);
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => limit.guard('ann', attempt)));
  expect(attempt).toHaveBeenCalledTimes(3);
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(17);
});

test('lets the next attempt through when the window has ended', async () => {
  vi.useFakeTimers();
  try {
    const limit = createSignInLimit({ failures: 1, windowSeconds: 60 });
    await limit.guard('ann', fail);
    await expect(limit.guard('ann', succeed)).rejects.toMatchObject(refused);
    vi.advanceTimersByTime(60_001);
    expect(await limit.guard('ann', succeed)).toBe('in');
  } finally {
    vi.useRealTimers();
  }
});
