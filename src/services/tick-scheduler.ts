/**
 * Ticks that a whole server shares for work that can wait a little. With a timer for each update and each
 * session, every one of them has its own turn of the event loop, its own write and its own answer of Redis,
 * all with cold caches. In a tick many of a kind share them (docs/decisions/012, 037). A tick makes its work
 * late by at most its length.
 */
import type { Clock } from '../time/clock.js';

/**
 * The ticks fall on multiples of their length on the wall clock as it was at the start, so that all servers
 * tick at the same moments (docs/decisions/102). In a tick the promises of `next` settle first and run as far
 * as they get without I/O; then the listeners are called, in the same turn of the event loop. So the frames of
 * a tick hold the updates that were published in it. One timer for both is what keeps that order: two timers,
 * even a millisecond apart, may fire in either order.
 * @param everyMs length of a tick in milliseconds, at least 1.
 */
export function createTickScheduler(everyMs: number, clock: Clock) {
  const ticks = new Map<number, Tick>();
  const originMs = clock.monotonic() - (clock.now() % everyMs);
  const numberAt = (atMs: number): number => Math.ceil((atMs - originMs) / everyMs);

  function open(number: number): Tick {
    const listeners = new Set<TickListener>();
    const cancelTimer = clock.after(originMs + number * everyMs - clock.monotonic(), () => {
      ticks.delete(number);
      tick.resolveStarted();
      clock.atTurnEnd(() => {
        for (const listener of listeners) listener.onTick();
      });
    });
    const tick: Tick = { listeners, cancelTimer, started: null, resolveStarted: () => undefined };
    ticks.set(number, tick);
    return tick;
  }

  const tickOf = (number: number): Tick => ticks.get(number) ?? open(number);

  return {
    /** Calls `listener` once, in the first tick at or after `atMs` on the monotonic clock. */
    schedule(atMs: number, listener: TickListener): void {
      tickOf(numberAt(atMs)).listeners.add(listener);
    },

    /** Undoes `schedule` with the same arguments, unless the tick has come. */
    cancel(atMs: number, listener: TickListener): void {
      const number = numberAt(atMs);
      const tick = ticks.get(number);
      if (tick === undefined) return;
      tick.listeners.delete(listener);
      if (tick.listeners.size > 0 || tick.started !== null) return;
      tick.cancelTimer();
      ticks.delete(number);
    },

    /** Resolves in the next tick, which is later than now. */
    next(): Promise<void> {
      const tick = tickOf(numberAt(clock.monotonic() + 1));
      tick.started ??= new Promise((resolve) => (tick.resolveStarted = resolve));
      return tick.started;
    },
  };
}

/**
 * The ticks in which a server publishes location updates and then sends the frames that wait for their
 * interval.
 * @param frameIntervalMs shortest time between two frames in milliseconds; 0 sends a frame for every change.
 */
export function createServerTickScheduler(frameIntervalMs: number, clock: Clock): TickScheduler {
  return createTickScheduler(tickMs(frameIntervalMs), clock);
}

/** The length of such a tick in milliseconds. */
export const tickMs = (frameIntervalMs: number): number =>
  Math.max(1, Math.floor(frameIntervalMs / TICKS_PER_INTERVAL));

export type TickScheduler = ReturnType<typeof createTickScheduler>;

/** Work that waits for a tick. */
export interface TickListener {
  onTick(): void;
}

/** Ticks of an eighth of the frame interval: longer ones save more, but make frames late in large crowds. */
const TICKS_PER_INTERVAL = 8;

interface Tick {
  readonly listeners: Set<TickListener>;
  readonly cancelTimer: () => void;
  /** Resolves in the tick; null until somebody awaits it. */
  started: Promise<void> | null;
  resolveStarted: () => void;
}
