/** Runs what no other server of this database may run meanwhile; the others wait for their turn. */
import type pg from 'pg';
import { inTransaction } from './transaction.js';

/** @param work is not cut short by a limit that the database's user has. */
export function oneServerAtATime<T>(pool: pg.Pool, work: () => Promise<T>): Promise<T> {
  return inTransaction(pool, async (client) => {
    await client.query(
      `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = ${WAIT_LIMIT_MS};
       SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_advisory_xact_lock(${LOCK})`,
    );
    return work();
  });
}

/** The key of the advisory lock. */
const LOCK = 7_300_003;
const WAIT_LIMIT_MS = 120_000;
