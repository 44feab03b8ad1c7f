import { expect, test, vi } from 'vitest';
import { createRateLimiters } from '../../src/adapters/rate-limiters.js';
import { generateSigningKey, signingKeyFromJwk } from '../../src/adapters/jwt/signing-key.js';
import { createSignInLimit } from '../../src/services/sign-in-limit.js';

const [HERE, THERE] = ['192.0.2.1', '198.51.100.7'];
const fail = () => Promise.resolve(null);
const succeed = () => Promise.resolve('in');
const refused = { kind: 'rate-limited', retryAfterSeconds: 60 };

async function createLimit(ofHandle: number, ofAddress: number) {
  const limiterOf = createRateLimiters(null, {
    keys: [await signingKeyFromJwk((await generateSigningKey()).privateJwk)],
  });
  const [onRefused, onFailed] = [vi.fn(), vi.fn()];
  const limit = createSignInLimit({
    failuresOfHandle: limiterOf('failures of handle', { points: ofHandle, seconds: 60 }),
    failures: limiterOf('failures', { points: ofAddress, seconds: 60 }),
    signUps: limiterOf('sign-ups', { points: 2, seconds: 60 }),
    onFailed,
    onRefused,
  });
  return { ...limit, onRefused, onFailed };
}

test('counts failures with a handle from an address, and nothing else; the owner comes in elsewhere', async () => {
  const { guard, onRefused, onFailed } = await createLimit(3, 100);
  for (let i = 0; i < 10; i += 1) expect(await guard(HERE, 'ann', succeed)).toBe('in');
  for (let i = 0; i < 10; i += 1) {
    const broken = guard(HERE, 'ann', () => Promise.reject(new Error('no database')));
    await expect(broken).rejects.toThrow('no database');
  }
  for (let i = 0; i < 3; i += 1) expect(await guard(HERE, 'ann', fail)).toBeNull();
  expect(onRefused).not.toHaveBeenCalled();
  await expect(guard(HERE, 'ann', succeed)).rejects.toMatchObject(refused);
  expect(onRefused).toHaveBeenCalledOnce();
  expect(onFailed).toHaveBeenCalledTimes(3);
  expect(await guard(HERE, 'bob', succeed)).toBe('in');
  expect(await guard(THERE, 'ann', succeed)).toBe('in');
});

test('counts failures with many handles from one address', async () => {
  const { guard } = await createLimit(3, 10);
  for (let i = 0; i < 10; i += 1) expect(await guard(HERE, i === 0 ? null : `handle ${i}`, fail)).toBeNull();
  const attempt = vi.fn(succeed);
  await expect(guard(HERE, 'another', attempt)).rejects.toMatchObject(refused);
  expect(attempt).not.toHaveBeenCalled();
  expect(await guard(THERE, 'another', attempt)).toBe('in');
});

test('counts attempts under way, so that guessing at once gains nothing', async () => {
  const { guard } = await createLimit(3, 100);
  const attempt = vi.fn(fail);
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => guard(HERE, 'ann', attempt)));
  expect(attempt).toHaveBeenCalledTimes(3);
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(17);
});

test('lets the next attempt through when the window has ended', async () => {
  vi.useFakeTimers();
  try {
    const { guard } = await createLimit(1, 100);
    await guard(HERE, 'ann', fail);
    await expect(guard(HERE, 'ann', succeed)).rejects.toMatchObject(refused);
    vi.advanceTimersByTime(60_001);
    expect(await guard(HERE, 'ann', succeed)).toBe('in');
  } finally {
    vi.useRealTimers();
  }
});

test('counts new accounts of an address', async () => {
  const { countSignUp } = await createLimit(3, 100);
  await countSignUp(HERE);
  await countSignUp(HERE);
  await expect(countSignUp(HERE)).rejects.toMatchObject(refused);
  await countSignUp(THERE);
});
