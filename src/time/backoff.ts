/**
 * How long to wait before the next attempt: `firstMs` after attempt 0, twice as long after each further one,
 * at most `longestMs`. There is no jitter: what retries here is one task of one server.
 */
export function backoff(firstMs: number, longestMs: number): (attempt: number) => number {
  return (attempt) => Math.min(firstMs * 2 ** attempt, longestMs);
}
