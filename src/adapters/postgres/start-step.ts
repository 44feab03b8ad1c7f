/**
 * Keeps the start from waiting for PostgreSQL without a word, as when somebody holds a lock, or when a pooler is up
 * and the database behind it is not. A step that takes five seconds is named in the log; after a minute it ends the
 * start.
 */
import type pg from 'pg';
import type { Clock } from '../../time/clock.js';
import { within } from '../../time/within.js';
import { refuse } from './refusal.js';

/** Makes the function that runs steps of the start. */
export function createStartStep({ pool, clock, onWait }: StartStepOptions): StartStep {
  return async (name, work, { endAfterMs = START_STEP_LIMIT_MS } = {}) => {
    const cancel = clock.after(TELL_AFTER_MS, () => {
      onWait(`waiting for PostgreSQL: ${name}`);
    });
    try {
      const result = await within(clock, endAfterMs, work, LATE);
      if (result !== LATE) return result;
    } finally {
      cancel();
    }
    throw refuse(
      pool,
      ({ host }) =>
        `PostgreSQL at ${host} has not answered within ${endAfterMs / 1_000} s (${name}); ` +
        'pg_stat_activity and pg_locks tell what it waits for.',
    );
  };
}

/**
 * @param name what is asked for, as the log and the error show it.
 * @throws StartupError when the work takes longer than `endAfterMs`, a minute by default.
 */
export type StartStep = <T>(
  name: string,
  work: Promise<T>,
  options?: { readonly endAfterMs?: number },
) => Promise<T>;

/** After this the start gives up waiting for anything of PostgreSQL. */
export const START_STEP_LIMIT_MS = 60_000;

interface StartStepOptions {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  /** Called with one line that says what the start waits for. */
  onWait(line: string): void;
}

const TELL_AFTER_MS = 5_000;
const LATE = Symbol('late');
