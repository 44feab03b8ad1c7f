import DataLoader from 'dataloader';
import type pg from 'pg';

/** How long look-ups are gathered: tokens are verified in other threads, so those of one moment come in many ticks. */
const GATHER_MS = 2;

/** Looks sessions up, all of one moment by one query: thousands of sockets may come back at once. Nothing is cached. */
export function createLiveSessions(pool: pg.Pool) {
  const loader = new DataLoader<string, boolean>(
    async (sessionIds) => {
      const live = await liveSessions(pool, sessionIds);
      return sessionIds.map((sessionId) => live.has(sessionId));
    },
    { cache: false, maxBatchSize: 5_000, batchScheduleFn: (load) => void setTimeout(load, GATHER_MS) },
  );
  return { has: (sessionId: string): Promise<boolean> => loader.load(sessionId) };
}

/** Which of the sessions live. */
export async function liveSessions(pool: pg.Pool, sessionIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM auth_sessions WHERE id = ANY ($1::uuid[])',
    [sessionIds],
  );
  return new Set(rows.map(({ id }) => id));
}
