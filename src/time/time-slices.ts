import type { Clock } from './clock.js';

/**
 * Divides long work into slices, so that nobody else waits for it. In one turn of the event loop all work together
 * has `sliceMs` milliseconds; what is left waits, in order, and goes on in the next turns.
 * @returns null when the caller may go on at once; else resolves when it may.
 */
export function createTimeSlices(sliceMs: number, clock: Clock): TimeSlices {
  const waiting: (() => void)[] = [];
  /** When the slice of this turn is over, on the monotonic clock; null while nobody has begun it. */
  let endsAtMs: number | null = null;

  function begin(): void {
    endsAtMs = clock.monotonic() + sliceMs;
    clock.atTurnEnd(() => {
      endsAtMs = null;
      waiting.shift()?.();
    });
  }

  return function mayGoOn() {
    if (endsAtMs === null) begin();
    else if (clock.monotonic() >= endsAtMs) {
      return new Promise((resolve) => {
        waiting.push(() => {
          begin();
          resolve();
        });
      });
    }
    return null;
  };
}

/** To be called before each step of the work. */
export type TimeSlices = () => Promise<void> | null;
