import { parseOptions } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { createPasswords } from '../../src/adapters/password-hash.js';

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
  expect(await passwords.verify(hash, 'pass🔑word')).toBe(true);
  expect(await passwords.verify(hash, 'pass🔑Word')).toBe(false);
  expect(await passwords.verify(hash, '')).toBe(false);
  expect(await passwords.verify(null, '')).toBe(false);
});

test('many at once all come through, also after one that fails', async () => {
  const passwords = await createPasswords();
  await expect(passwords.verify('no hash', 'x')).rejects.toThrow();
  const hash = await passwords.hash('password');
  const verified = await Promise.all(
    Array.from({ length: 12 }, (_, i) => passwords.verify(hash, i % 2 === 0 ? 'password' : 'wrong')),
  );
  expect(verified).toEqual(Array.from({ length: 12 }, (_, i) => i % 2 === 0));
});
