/**
 * Slows the guessing of passwords. After too many failures with one handle on this server, attempts are
 * refused until the window ends. Attempts in progress count as failures, so that parallel guesses gain
 * nothing.
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
    /**
     * Runs an attempt, which resolves to null when it fails. An error that it throws does not count as a
     * failure.
     * @throws DomainError 'rate-limited' after too many failures.
     */
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
