import type { Clock } from '../time/clock.js';
import { every } from '../time/every.js';

/**
 * Runs the tasks one after the other, now and then again `intervalMs` after each round. Resolves when the
 * first round is over. A task that fails is reported and runs again in the next round.
 */
export async function startUpkeep(
  tasks: readonly (() => Promise<unknown>)[],
  intervalMs: number,
  clock: Clock,
  onFailed: (error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  let closed = false;

  async function runAll(): Promise<void> {
    for (const task of tasks) if (!closed) await task().catch(onFailed);
  }

  await runAll();
  const stop = every(clock, intervalMs, runAll);
  return {
    close() {
      closed = true;
      return stop();
    },
  };
}
