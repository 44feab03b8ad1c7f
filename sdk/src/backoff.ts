/** How long to wait before trying again, so that the clients of a server do not all come at once. */

/**
 * Returns a random time, which grows from attempt to attempt.
 * @param attempt from 0.
 */
export function backoffMs(attempt: number, longestMs: number): number {
  return Math.min(FIRST_MS * 2 ** attempt, longestMs) * (0.5 + Math.random() / 2);
}

const FIRST_MS = 500;
