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
  /** Resolves `passed`. */
  pass: () => void;
}

export type Ticks = ReturnType<typeof createTicks>;

/**
 * They go by the server's own start, so that servers don't all tick at once. In a tick those who wait for it to pass go on
 * first, as far as they get by themselves, then the others are told, in the same turn of the event loop.
 * @param everyMs from tick to tick, milliseconds, at least 1.
 */
export function createTicks(everyMs: number, clock: Clock) {
  const ticks = new Map<number, Tick>();
  const startedAtMs = clock.now();
  const numberAt = (atMs: number): number => Math.ceil((atMs - startedAtMs) / everyMs);

  function open(number: number): Tick {
    const waiting: Ticked[] = [];
    const cancelTimer = clock.after(startedAtMs + number * everyMs - clock.now(), () => {
      ticks.delete(number);
      tick.pass();
      setImmediate(() => {
        for (const ticked of waiting) ticked.onTick();
      });
    });
    const tick: Tick = { waiting, cancelTimer, passed: null, pass: () => undefined };
    ticks.set(number, tick);
    return tick;
  }

  const tickOf = (number: number): Tick => ticks.get(number) ?? open(number);

  return {
    /** Tells `ticked` at the first tick at or after an instant that is not far off. */
    at(atMs: number, ticked: Ticked): void {
      tickOf(numberAt(atMs)).waiting.push(ticked);
    },

    /** Takes back what `at` was told, unless its tick has come. */
    cancel(atMs: number, ticked: Ticked): void {
      const number = numberAt(atMs);
      const tick = ticks.get(number);
      if (tick === undefined) return;
      const index = tick.waiting.indexOf(ticked);
      if (index >= 0) tick.waiting.splice(index, 1);
      if (tick.waiting.length > 0 || tick.passed !== null) return;
      tick.cancelTimer();
      ticks.delete(number);
    },

    /** Resolves at the next tick, which is later than now. */
    next(): Promise<void> {
      const tick = tickOf(numberAt(clock.now() + 1));
      tick.passed ??= new Promise((resolve) => (tick.pass = resolve));
      return tick.passed;
    },
  };
}

const TICKS_PER_INTERVAL = 8;

/**
 * The ticks in which location updates are told and then the frames leave that wait for their interval.
 * @param frameIntervalMs the shortest time between two frames, milliseconds; 0 for a frame of every change.
 */
export function createServerTicks(frameIntervalMs: number, clock: Clock): Ticks {
  return createTicks(Math.max(1, Math.floor(frameIntervalMs / TICKS_PER_INTERVAL)), clock);
}
