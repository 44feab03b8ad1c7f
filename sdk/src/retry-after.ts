/** Keeps one kind of operation back for as long as the server says that it would be too much. */
import type { NearbyFriendsError } from './errors.js';

/** @param signal its abort ends the wait. */
export function createRetryAfter(signal: AbortSignal): RetryAfter {
  let passed = Promise.resolve();
  return {
    passed: () => passed,
    heed(error) {
      const { retryAfterSeconds } = error as Partial<NearbyFriendsError>;
      if (retryAfterSeconds == null) return;
      passed = new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, Math.min(retryAfterSeconds, LONGEST_SECONDS) * 1_000);
        signal.addEventListener('abort', end);
        if (signal.aborted) end();
      });
    },
  };
}

interface RetryAfter {
  /** Resolves when the operation may be sent. */
  passed(): Promise<void>;
  /** Takes the time out of an error with which the operation failed. */
  heed(error: unknown): void;
}

/** What the server has refused may be out of date by then, such as a place that was wrong. */
const LONGEST_SECONDS = 60;
