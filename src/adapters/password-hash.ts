import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import type { Passwords } from '../services/accounts.js';

/** Hashes that run at a time; the others wait, so that the thread pool keeps threads for verifying tokens. */
const MAX_CONCURRENT = 2;

/**
 * Passwords hashed by Argon2id with 19 MiB, two passes and one lane, as OWASP's Password Storage Cheat Sheet asks for
 * at least. An unknown user's password is verified against a hash of nothing, in the same time.
 */
export async function createPasswords(): Promise<Passwords> {
  const nobodys = await hash(crypto.randomUUID(), OPTIONS);
  const limit = pLimit(MAX_CONCURRENT);
  return {
    hash: (password) => limit(() => hash(password, OPTIONS)),
    async verify(hashed, password) {
      const right = await limit(() => verify(hashed ?? nobodys, password));
      return right && hashed !== null;
    },
  };
}

/** The package's default algorithm is Argon2id. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
