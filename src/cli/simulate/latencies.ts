/** Counts durations in steps of 0.1 ms up to a minute, in constant memory. */
export function createLatencies() {
  const counts = new Uint32Array(STEPS + 1);
  let total = 0;
  let longestMs = 0;

  return {
    add(durationMs: number): void {
      const step = Math.min(Math.max(Math.round(durationMs * STEPS_PER_MS), 0), STEPS);
      counts[step] = (counts[step] ?? 0) + 1;
      total += 1;
      longestMs = Math.max(longestMs, durationMs);
    },

    get total() {
      return total;
    },

    /** In milliseconds; null when nothing was counted. */
    get longestMs() {
      return total === 0 ? null : longestMs;
    },

    /**
     * Returns the milliseconds that `share` (0 to 1) of all durations do not exceed; null when nothing was
     * counted.
     */
    percentileMs(share: number): number | null {
      if (total === 0) return null;
      let seen = 0;
      const step = counts.findIndex((count) => (seen += count) >= share * total && seen > 0);
      return step / STEPS_PER_MS;
    },
  };
}

export type Latencies = ReturnType<typeof createLatencies>;

const STEPS_PER_MS = 10;
const STEPS = 60_000 * STEPS_PER_MS;
