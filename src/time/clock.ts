/** Time as the server sees it, so that tests can move it. */
export interface Clock {
  /** Milliseconds since the epoch. It may be set, forward or back, at any time: never measure with it. */
  now(): number;
  /** Milliseconds on a clock that only moves forward. Only differences mean anything; all intervals use it. */
  monotonic(): number;
  /** Runs `callback` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
  /**
   * Runs `callback` when the running code is done: after the promises when called in one, else before them.
   */
  soon(callback: () => void): void;
  /**
   * Runs `callback` at the end of this turn of the event loop; called from there, at the end of the next
   * turn.
   */
  atTurnEnd(callback: () => void): void;
}

/** setTimeout counts in 32 bits and fires a longer wait at once, so waits are cut to this. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), LONGEST_TIMEOUT_MS));
    return () => {
      clearTimeout(timer);
    };
  },
  soon: (callback) => {
    process.nextTick(callback);
  },
  atTurnEnd: (callback) => {
    setImmediate(callback);
  },
};
