/**
 * Hashes passwords with Argon2id, 19 MiB, two passes and one lane, the minimum of OWASP's Password Storage
 * Cheat Sheet. The password of an unknown user is verified against a dummy hash, so that it takes the same
 * time.
 */
import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import type { Passwords } from '../services/accounts.js';

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

/**
 * How many hashes run at a time. The others wait, so that the thread pool has threads left to verify tokens.
 */
const MAX_CONCURRENT = 2;

/** The algorithm is left out, as the package's default is Argon2id. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
