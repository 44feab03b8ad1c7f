/** What limits of strangers and users need: events of one kind, counted by key in a window, over all servers. */
import { DomainError } from '../domain/errors.js';

export interface RateLimiter {
  /** Counts one. Resolves to how long the key has to wait, milliseconds, when that is too many; null when not. */
  count(key: string): Promise<number | null>;
  /** Takes back one that was counted. */
  takeBack(key: string): Promise<void>;
  /** Resolves to how long the key has to wait, milliseconds, when the next one would be too many; counts nothing. */
  waitOf(key: string): Promise<number | null>;
}

/** @param waitMs after so long the same may be tried again. */
export function rateLimited(message: string, waitMs: number): DomainError {
  return new DomainError('rate-limited', message, {
    retryAfterSeconds: Math.max(Math.ceil(waitMs / 1_000), 1),
  });
}
