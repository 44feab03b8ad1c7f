/**
 * Looks sessions up, all of one moment by one query: thousands of sockets may come back at once. Nothing is cached.
 * Rejects after two seconds, also when PostgreSQL takes connections but does not answer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import DataLoader from 'dataloader';
import type pg from 'pg';
import { DomainError } from '../../domain/errors.js';

export function createLiveSessions(pool: pg.Pool) {
  const loader = new DataLoader<string, boolean>(
    async (sessionIds) => {
      const live = await withinTimeout(liveSessions(pool, sessionIds));
      return sessionIds.map((sessionId) => live.has(sessionId));
    },
    { cache: false, maxBatchSize: 5_000, batchScheduleFn: (load) => void setTimeout(load, GATHER_MS) },
  );
  return { has: (sessionId: string): Promise<boolean> => loader.load(sessionId) };
}

/** How long look-ups are gathered: tokens are verified in other threads, so those of one moment come in many ticks. */
const GATHER_MS = 2;
const TIMEOUT_MS = 2_000;

/** Which of the sessions live. */
async function liveSessions(pool: pg.Pool, sessionIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM auth_sessions WHERE id = ANY ($1::uuid[])',
    [sessionIds],
  );
  return new Set(rows.map(({ id }) => id));
}

async function withinTimeout<T>(query: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const late = sleep(TIMEOUT_MS, undefined, { signal: answered.signal }).then(() => {
    throw new DomainError('unavailable', 'The database does not answer.');
  });
  try {
    return await Promise.race([query, late]);
  } finally {
    answered.abort();
    late.catch(() => undefined);
  }
}
