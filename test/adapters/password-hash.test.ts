import { parseOptions } from '@node-rs/argon2';
import { expect, test, vi } from 'vitest';
import { createPasswords } from '../../src/adapters/password-hash.js';
import type { Passwords } from '../../src/services/accounts.js';

/** Whether the password is that of somebody with the hash. */
async function verified(
  passwords: Passwords,
  passwordHash: string | null,
  password: string,
): Promise<boolean> {
  return (await passwords.verify(async () => ({ passwordHash }), password)) !== null;
}

test('hashes by Argon2id with 19 MiB and two passes, each time with another salt', async () => {
  const passwords = await createPasswords();
  const [hash, again] = await Promise.all([passwords.hash('password'), passwords.hash('password')]);
  expect(hash).toMatch(/^\$argon2id\$/);
  expect(parseOptions(hash)).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  expect(again).not.toBe(hash);
});

test('verifies the right password only, and nothing against no hash', async () => {
  const passwords = await createPasswords();
  const hash = await passwords.hash('pass🔑word');
  expect(await verified(passwords, hash, 'pass🔑word')).toBe(true);
  expect(await verified(passwords, hash, 'pass🔑Word')).toBe(false);
  expect(await verified(passwords, hash, '')).toBe(false);
  expect(await verified(passwords, null, '')).toBe(false);
});

test('many at once all come through, also after one that fails', async () => {
  const passwords = await createPasswords();
  await expect(verified(passwords, 'no hash', 'x')).rejects.toThrow();
  const hash = await passwords.hash('password');
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, (_, i) => verified(passwords, hash, i % 2 === 0 ? 'password' : 'wrong')),
  );
  expect(outcomes).toEqual(Array.from({ length: 12 }, (_, i) => i % 2 === 0));
});

test('more than can wait are refused, and those who wait come through', async () => {
  const onRefused = vi.fn();
  const passwords = await createPasswords(onRefused);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 300 }, () => verified(passwords, null, 'x')),
  );
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThanOrEqual(300 - 128 - 2);
  expect(refused.length).toBeLessThan(300 - 128);
  for (const outcome of refused)
    expect(outcome).toMatchObject({ reason: { kind: 'rate-limited', retryAfterSeconds: 2 } });
  expect(onRefused).toHaveBeenCalledTimes(refused.length);
  expect(await verified(passwords, await passwords.hash('password'), 'password')).toBe(true);
});
