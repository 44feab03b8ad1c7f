/**
 * Frames that wait for their interval go in ticks which all sessions of a server share: a twentieth of the interval
 * late at most, and many in one turn of the event loop instead of each in its own (docs/decisions/012).
 */
import type { Clock } from './clock.js';

const TICKS_PER_INTERVAL = 20;

export interface Paced {
  sendFrame(): void;
}

interface Tick {
  readonly waiting: Set<Paced>;
  readonly cancelTimer: () => void;
}

export type FramePacer = ReturnType<typeof createFramePacer>;

export function createFramePacer(frameIntervalMs: number, clock: Clock) {
  const tickMs = Math.max(1, Math.floor(frameIntervalMs / TICKS_PER_INTERVAL));
  const ticks = new Map<number, Tick>();
  const tickOf = (atMs: number): number => Math.ceil(atMs / tickMs);

  function open(tick: number): Tick {
    const waiting = new Set<Paced>();
    const cancelTimer = clock.after(tick * tickMs - clock.now(), () => {
      ticks.delete(tick);
      for (const paced of waiting) paced.sendFrame();
    });
    const opened = { waiting, cancelTimer };
    ticks.set(tick, opened);
    return opened;
  }

  return {
    /** Calls for a frame, once, at the first tick at or after an instant that is not far off. */
    at(atMs: number, paced: Paced): void {
      const tick = tickOf(atMs);
      (ticks.get(tick) ?? open(tick)).waiting.add(paced);
    },

    /** Takes back what `at` was told, if it has not happened. */
    cancel(atMs: number, paced: Paced): void {
      const tick = ticks.get(tickOf(atMs));
      tick?.waiting.delete(paced);
      if (tick?.waiting.size !== 0) return;
      tick.cancelTimer();
      ticks.delete(tickOf(atMs));
    },
  };
}
