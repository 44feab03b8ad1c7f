/**
 * Work that may wait a little goes in ticks which a whole server shares: many of a kind in one turn of the event loop,
 * one write and one answer of Redis for all, instead of each alone with cold caches (docs/decisions/012).
 */
import type { Clock } from './clock.js';

/** Told when its tick has come. */
export interface Ticked {
  onTick(): void;
}

interface Tick {
  /** Not a set, which would grow four times in each tick to hold a hundred sessions. */
  readonly waiting: Ticked[];
  readonly cancelTimer: () => void;
  /** Resolves with the tick, once somebody asked for it. */
  passed: Promise<void> | null;
}

export type Ticks = ReturnType<typeof createTicks>;

/**
 * The first tick is `phaseMs` from now. They go by the server's own start, so that servers don't all tick at once.
 * @param everyMs from tick to tick, milliseconds, at least 1.
 */
export function createTicks(everyMs: number, phaseMs: number, clock: Clock) {
  const ticks = new Map<number, Tick>();
  const firstAtMs = clock.now() + phaseMs;
  const numberAt = (atMs: number): number => Math.ceil((atMs - firstAtMs) / everyMs);

  function open(number: number): Tick {
    const waiting: Ticked[] = [];
    const cancelTimer = clock.after(firstAtMs + number * everyMs - clock.now(), () => {
      ticks.delete(number);
      for (const ticked of waiting) ticked.onTick();
    });
    const tick: Tick = { waiting, cancelTimer, passed: null };
    ticks.set(number, tick);
    return tick;
  }

  const tickOf = (number: number): Tick => ticks.get(number) ?? open(number);

  return {
    /** Tells `ticked` at the first tick at or after an instant that is not far off. */
    at(atMs: number, ticked: Ticked): void {
      tickOf(numberAt(atMs)).waiting.push(ticked);
    },

    /** Takes back what `at` was told, if it has not happened. */
    cancel(atMs: number, ticked: Ticked): void {
      const number = numberAt(atMs);
      const tick = ticks.get(number);
      if (tick === undefined) return;
      const index = tick.waiting.indexOf(ticked);
      if (index >= 0) tick.waiting.splice(index, 1);
      if (tick.waiting.length > 0) return;
      tick.cancelTimer();
      ticks.delete(number);
    },

    /** Resolves at the next tick, which is later than now. */
    next(): Promise<void> {
      const tick = tickOf(numberAt(clock.now() + 1));
      tick.passed ??= new Promise((resolve) => tick.waiting.push({ onTick: resolve }));
      return tick.passed;
    },
  };
}

/** In which ticks a server works. */
export interface Pace {
  /** Location updates are told in these; null where every change is sent at once. */
  readonly updates: Ticks | null;
  /** Frames that wait for their interval leave in these. */
  readonly frames: Ticks;
}

const TICKS_PER_INTERVAL = 7;
/** Of a tick: by then its updates are told, though timers come some milliseconds early or late. */
const FRAMES_AFTER_UPDATES = 0.1;

/** @param frameIntervalMs the shortest time between two frames, milliseconds; 0 for a frame of every change. */
export function createPace(frameIntervalMs: number, clock: Clock): Pace {
  const everyMs = Math.max(1, Math.floor(frameIntervalMs / TICKS_PER_INTERVAL));
  return {
    updates: frameIntervalMs > 0 ? createTicks(everyMs, 0, clock) : null,
    frames: createTicks(everyMs, Math.floor(everyMs * FRAMES_AFTER_UPDATES), clock),
  };
}
