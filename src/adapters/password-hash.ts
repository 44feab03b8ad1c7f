/**
 * Hashes passwords with Argon2id, 19 MiB, two passes and one lane, the minimum of OWASP's Password Storage
 * Cheat Sheet. The password of an unknown user is verified against a dummy hash, so that it takes the same
 * time. Few hashes run at a time and a limited number waits; what is more is refused.
 */
import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { DomainError } from '../domain/errors.js';
import type { Passwords } from '../services/accounts.js';

/** @param onRefused called for each password that finds no room to wait. */
export async function createPasswords(onRefused = (): void => undefined): Promise<Passwords> {
  const nobodys = await hash(crypto.randomUUID(), OPTIONS);
  const limit = pLimit(MAX_CONCURRENT);

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (limit.pendingCount < MAX_WAITING) return limit(work);
    onRefused();
    throw new DomainError('rate-limited', 'Too many people sign in at this moment. Try again soon.', {
      retryAfterSeconds: 2,
    });
  }

  return {
    hash: (password) => inTurn(() => hash(password, OPTIONS)),
    verify(find, password) {
      return inTurn(async () => {
        const found = await find();
        const hashed = found?.passwordHash ?? null;
        const right = await verify(hashed ?? nobodys, password);
        return right && hashed !== null ? found : null;
      });
    },
  };
}

/**
 * How many hashes run at a time: two, so that the thread pool has threads left to verify tokens, or one, so that a
 * core is left for everybody who is signed in.
 */
const MAX_CONCURRENT = availableParallelism() > 2 ? 2 : 1;

/** So many wait for about three seconds at most, on two busy cores. */
const MAX_WAITING = 128;

/** The algorithm is left out, as the package's default is Argon2id. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
