/**
 * Slows the guessing of passwords: after so many failures with one handle, on this server, the next attempts are
 * refused until the window ends. Attempts under way count as failures, so guessing at once gains nothing.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../domain/errors.js';

export function createSignInLimit({
  failures = 20,
  windowSeconds = 600,
  onRefused = (): void => undefined,
} = {}) {
  const limiter = new RateLimiterMemory({ points: failures, duration: windowSeconds });

  function refuse(reason: unknown): never {
    if (!(reason instanceof RateLimiterRes)) throw reason;
    onRefused();
    throw new DomainError('rate-limited', 'Too many failed attempts with this handle. Try again later.');
  }

  return {
    /** Runs an attempt, null for a failed one; a thrown error is not held against anybody. @throws DomainError 'rate-limited' */
    async guard<T>(handle: string, attempt: () => Promise<T | null>): Promise<T | null> {
      await limiter.consume(handle).catch(refuse);
      let failed = false;
      try {
        const result = await attempt();
        failed = result === null;
        return result;
      } finally {
        if (!failed) await limiter.reward(handle);
      }
    },
  };
}

export type SignInLimit = ReturnType<typeof createSignInLimit>;
