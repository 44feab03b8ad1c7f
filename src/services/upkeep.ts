import type { Clock } from './clock.js';

/**
 * Runs the tasks one after the other, now and then every `intervalMs` after they were done. Resolves when the first
 * round is over; a task that fails is reported and runs again in the next round.
 */
export async function startUpkeep(
  tasks: readonly (() => Promise<unknown>)[],
  intervalMs: number,
  clock: Clock,
  onFailed: (error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  let closed = false;
  let cancel: () => void = () => undefined;
  let running = run();

  async function run(): Promise<void> {
    for (const task of tasks) if (!closed) await task().catch(onFailed);
    if (closed) return;
    cancel = clock.after(intervalMs, () => {
      running = run();
    });
  }

  await running;
  return {
    async close() {
      closed = true;
      cancel();
      await running;
    },
  };
}
