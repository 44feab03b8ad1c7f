import type { Clock } from './clock.js';

/** Resolves in the next turn of the event loop, after I/O and timers that wait, so that long work is no longer. */
export function nextTurn(clock: Pick<Clock, 'atTurnEnd'>): Promise<void> {
  return new Promise((resolve) => {
    // The end of this turn comes before its timers.
    clock.atTurnEnd(() => {
      clock.atTurnEnd(resolve);
    });
  });
}
