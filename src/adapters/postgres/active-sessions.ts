/**
 * Looks up sessions in batches, one query for all lookups of a moment: thousands of sockets may reconnect at
 * once. It caches nothing. A lookup rejects after two seconds, even if PostgreSQL accepts connections but
 * does not answer.
 */
import DataLoader from 'dataloader';
import type pg from 'pg';
import { DomainError } from '../../domain/errors.js';
import type { Clock } from '../../time/clock.js';
import { within } from '../../time/within.js';
import { databaseStore } from './failures.js';

export function createActiveSessions(pool: pg.Pool, clock: Clock) {
  const loader = new DataLoader<string, boolean>(
    async (sessionIds) => {
      const active = await within(clock, TIMEOUT_MS, readActive(pool, sessionIds), null);
      if (active === null) throw new DomainError('unavailable', 'The database does not answer.');
      return sessionIds.map((sessionId) => active.has(sessionId));
    },
    { cache: false, maxBatchSize: 5_000, batchScheduleFn: (load) => void clock.after(BATCH_MS, load) },
  );
  return databaseStore({ has: (sessionId: string): Promise<boolean> => loader.load(sessionId) });
}

/** Tokens are verified in other threads, so the lookups of a moment come in many turns of the event loop. */
const BATCH_MS = 2;
const TIMEOUT_MS = 2_000;
const ACTIVE = 'SELECT id FROM auth_sessions WHERE id = ANY ($1::uuid[])';

/** Resolves to those of the sessions that have not ended. */
async function readActive(pool: pg.Pool, sessionIds: readonly string[]): Promise<Set<string>> {
  // Each question that hangs would keep its connection; after the timeout the pool gives that up.
  const query = { text: ACTIVE, values: [sessionIds], query_timeout: TIMEOUT_MS };
  const { rows } = await pool.query<{ id: string }>(query);
  return new Set(rows.map(({ id }) => id));
}
