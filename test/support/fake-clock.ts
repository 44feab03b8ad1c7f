import { type Clock, systemClock } from '../../src/time/clock.js';

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Moves on by `ms`, running what falls due in its order, and all that follows from it. */
  advance(ms: number): Promise<void>;
  /** Sets the time that it shows, as an operator or NTP would; nothing falls due by that. */
  set(epochMs: number): void;
  /** Moves on by `ms` while the event loop is held up: what falls due waits for the next `advance`. */
  slip(ms: number): void;
  /** Timers that wait. */
  readonly pending: number;
}

export const START_MS = Date.UTC(2026, 10, 22, 12);

export function createFakeClock(startMs = START_MS): FakeClock {
  /** Moves forward only; `now` is this and what the clock was set by. */
  let nowMs = startMs;
  let setByMs = 0;
  const timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();

  return {
    now: () => nowMs + setByMs,
    monotonic: () => nowMs,

    after(delayMs, callback) {
      const timer = { atMs: nowMs + Math.max(delayMs, 0), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },

    soon: systemClock.soon,
    atTurnEnd: systemClock.atTurnEnd,

    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        timers.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.callback();
        await settle();
      }
      nowMs = untilMs;
    },

    set(epochMs) {
      setByMs = epochMs - nowMs;
    },

    slip(ms) {
      nowMs += ms;
    },

    get pending() {
      return timers.size;
    },
  };
}

/** Resolves when every promise that could go on by itself has. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Time that runs `speed` times as fast, for what takes long. */
export function fastClock(speed: number): Clock {
  const start = Date.now();
  return {
    ...systemClock,
    now: () => start + (Date.now() - start) * speed,
    monotonic: () => performance.now() * speed,
    after(delayMs, callback) {
      const timer = setTimeout(callback, Math.min(delayMs / speed, 2 ** 31 - 1));
      return () => clearTimeout(timer);
    },
  };
}

/** Real time that can be moved on. */
export interface SkippingClock extends Clock {
  /** Moves on by `ms`, running what falls due in its order, and all that follows from it at once. */
  skip(ms: number): Promise<void>;
}

export function createSkippingClock(): SkippingClock {
  // A test may put this clock in their place.
  const now = Date.now.bind(Date);
  const monotonic = performance.now.bind(performance);
  let skippedMs = 0;
  const timers = new Set<{ readonly atMs: number; fire(): void }>();

  return {
    ...systemClock,
    now: () => now() + skippedMs,
    monotonic: () => monotonic() + skippedMs,

    after(delayMs, callback) {
      const cancel = (): void => {
        cancelReal();
        timers.delete(timer);
      };
      const timer = {
        atMs: monotonic() + skippedMs + Math.max(delayMs, 0),
        fire() {
          cancel();
          callback();
        },
      };
      const cancelReal = systemClock.after(delayMs, timer.fire);
      timers.add(timer);
      return cancel;
    },

    async skip(ms) {
      const untilMs = skippedMs + ms;
      for (;;) {
        const due = [...timers].sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined || due.atMs > monotonic() + untilMs) break;
        skippedMs = Math.max(skippedMs, due.atMs - monotonic());
        due.fire();
        await settle();
      }
      skippedMs = untilMs;
    },
  };
}
