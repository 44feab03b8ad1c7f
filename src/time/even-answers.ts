import type { Clock } from './clock.js';
import { sleep } from './within.js';

/**
 * Settles as `work` does, but when it finds nothing only at a whole multiple of `stepMs` from now. So nobody can
 * tell by the time of such answers what was looked up for them.
 * @param foundNothing judges the outcome.
 */
export async function evenly<T>(
  clock: Clock,
  stepMs: number,
  work: () => Promise<T>,
  foundNothing: (outcome: PromiseSettledResult<T>) => boolean,
): Promise<T> {
  // Timers count whole milliseconds: one that is set after the work would end sooner or later by how long it took.
  const stepEnds = sleep(clock, stepMs);
  const startedAtMs = clock.monotonic();
  const [outcome] = await Promise.allSettled([work()]);
  if (foundNothing(outcome)) {
    const overMs = clock.monotonic() - startedAtMs - stepMs;
    await stepEnds;
    if (overMs > 0) await sleep(clock, stepMs - (overMs % stepMs));
  }
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
