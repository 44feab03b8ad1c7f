/**
 * Slows strangers down: the guessing of passwords, of many for one handle and of one for many handles, and the
 * making of accounts. All is counted by address, so nobody can lock somebody else out. Attempts with one handle
 * that are in progress count as failures, so that parallel guesses gain nothing.
 */
import { type RateLimiter, rateLimited } from './rate-limiter.js';

export function createSignInLimit({ failuresOfHandle, failures, signUps, ...deps }: SignInLimitDeps) {
  function refuse(message: string, waitMs: number): never {
    deps.onRefused();
    throw rateLimited(message, waitMs);
  }

  return {
    /**
     * Runs an attempt, which resolves to null when it fails. An error that it throws does not count as a
     * failure.
     * @param handle null for what can't be one.
     * @throws DomainError 'rate-limited' after too many failures from the address.
     */
    async guard<T>(
      address: string,
      handle: string | null,
      attempt: () => Promise<T | null>,
    ): Promise<T | null> {
      const key = `${address} ${handle ?? ''}`;
      const [waitMs, handleWaitMs] = await Promise.all([
        failures.waitOf(address),
        failuresOfHandle.count(key),
      ]);
      if (handleWaitMs !== null) {
        refuse('Too many failed attempts with this handle. Try again later.', handleWaitMs);
      }
      let failed = false;
      try {
        if (waitMs !== null) refuse('Too many failed attempts. Try again later.', waitMs);
        const result = await attempt();
        failed = result === null;
        return result;
      } finally {
        if (failed) deps.onFailed();
        if (failed) await failures.count(address);
        else await failuresOfHandle.takeBack(key);
      }
    },

    /** To be called for each sign-up. @throws DomainError 'rate-limited' after too many from the address. */
    async countSignUp(address: string): Promise<void> {
      const waitMs = await signUps.count(address);
      if (waitMs !== null) refuse('Too many new accounts. Try again later.', waitMs);
    },
  };
}

export type SignInLimit = ReturnType<typeof createSignInLimit>;

interface SignInLimitDeps {
  /** Failed attempts by address and handle. */
  readonly failuresOfHandle: RateLimiter;
  /** Failed attempts by address. */
  readonly failures: RateLimiter;
  /** Sign-ups by address. */
  readonly signUps: RateLimiter;
  /** Called for each attempt that fails. */
  onFailed(): void;
  onRefused(): void;
}
