import type { Clock } from './clock.js';

/**
 * Runs `callback` once when the clock reads `instantMs`, milliseconds since the epoch, or later. A timer alone
 * would be late by as much as the clock is set forward meanwhile, so it looks at the clock every few seconds.
 * @returns cancels it.
 */
export function at(clock: Clock, instantMs: number, callback: () => void): () => void {
  let cancel = wait();

  function wait(): () => void {
    return clock.after(Math.min(instantMs - clock.now(), LONGEST_WAIT_MS), () => {
      if (clock.now() >= instantMs) callback();
      else cancel = wait();
    });
  }

  return () => {
    cancel();
  };
}

/** How late a callback may come when the clock is set. */
const LONGEST_WAIT_MS = 5_000;
