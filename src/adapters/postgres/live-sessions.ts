/**
 * Looks up sessions in batches, one query for all lookups of a moment: thousands of sockets may reconnect at
 * once. It caches nothing. A lookup rejects after two seconds, even if PostgreSQL accepts connections but
 * does not answer.
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
    { cache: false, maxBatchSize: 5_000, batchScheduleFn: (load) => void setTimeout(load, BATCH_MS) },
  );
  return { has: (sessionId: string): Promise<boolean> => loader.load(sessionId) };
}

/** Tokens are verified in other threads, so the lookups of a moment come in many turns of the event loop. */
const BATCH_MS = 2;
const TIMEOUT_MS = 2_000;

/** Resolves to those of the sessions that are live. */
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
