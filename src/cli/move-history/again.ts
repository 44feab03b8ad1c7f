import { DomainError } from '../../domain/errors.js';
import { backoff } from '../../time/backoff.js';
import { systemClock } from '../../time/clock.js';
import { sleep } from '../../time/within.js';
import { CommandError } from '../command-error.js';

/**
 * Does again what failed since a database is away for a while, or somebody holds a lock.
 * @throws CommandError after most of a minute.
 */
export async function again<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (attempt === ATTEMPTS - 1 || signal.aborted) throw new CommandError(UNAVAILABLE);
      await sleep(systemClock, retryDelayMs(attempt));
    }
  }
}

const ATTEMPTS = 12;
const retryDelayMs = backoff(100, 10_000);

const UNAVAILABLE =
  'PostgreSQL or Cassandra does not answer, or somebody locks the history. Nothing is lost: run this again.';
