import type { Clock } from './clock.js';

/**
 * Limits how many tasks run in one turn of the event loop; the others wait, in order. With it a crowd that
 * connects or leaves at once does not delay everybody else (docs/decisions/031, 032).
 * @param perTurn tasks in one turn, 1 or more.
 */
export function createPerTurnLimit(perTurn: number, clock: Pick<Clock, 'atTurnEnd'>): PerTurnLimit {
  const waiting: (() => void)[] = [];
  let started = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    clock.atTurnEnd(startNext);
  }

  function startNext(): void {
    scheduled = false;
    const next = waiting.splice(0, perTurn);
    started = next.length;
    if (started > 0) schedule();
    for (const task of next) task();
  }

  return function limit(task) {
    schedule();
    if (started >= perTurn) {
      waiting.push(task);
      return;
    }
    started += 1;
    task();
  };
}

/** Runs a task now or in one of the next turns of the event loop. */
export type PerTurnLimit = (task: () => void) => void;
