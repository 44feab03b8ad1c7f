import type { Clock } from './clock.js';

/**
 * Runs `task` again and again, each time `intervalMs` after the run before has ended, so runs never overlap.
 * The task handles its own errors: one that it throws ends the repetition and is an unhandled rejection.
 * @returns stops the repetition; resolves when a run that is under way has ended.
 */
export function every(clock: Clock, intervalMs: number, task: () => unknown): () => Promise<void> {
  let stopped = false;
  let running = Promise.resolve();
  let cancel = schedule();

  function schedule(): () => void {
    return clock.after(intervalMs, () => {
      running = run();
    });
  }

  async function run(): Promise<void> {
    await task();
    if (!stopped) cancel = schedule();
  }

  return async () => {
    stopped = true;
    cancel();
    await running;
  };
}
