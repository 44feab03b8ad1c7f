import type { Clock } from '../time/clock.js';
import { every } from '../time/every.js';
import { within } from '../time/within.js';

/**
 * Runs the tasks one after the other, now and then again `intervalMs` after each round. Resolves when the first
 * round is over, but after five seconds at the latest. A task that fails is reported and runs again in the next
 * round.
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

  let round = runAll();
  await within(clock, FIRST_ROUND_WAIT_MS, round, null);
  const stop = every(clock, intervalMs, async () => {
    await round;
    round = runAll();
    await round;
  });
  return {
    async close() {
      closed = true;
      await Promise.all([stop(), round]);
    },
  };
}

/** The start goes on while somebody locks a table that upkeep needs. */
const FIRST_ROUND_WAIT_MS = 5_000;
