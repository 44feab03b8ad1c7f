/**
 * Lets another database than this one keep the history of users whose accounts are here: while `work` writes there, no
 * account is deleted that it was told of, by the lock that group commits take here (see history-lock.ts).
 */
import type pg from 'pg';
import { HISTORY_WRITERS } from './history-lock.js';
import { inTransaction } from './transaction.js';

export function whileUsersStay<T>(
  pool: pg.Pool,
  userIds: readonly string[],
  work: (state: UsersState) => Promise<T>,
): Promise<T> {
  const stay = async (client: pg.PoolClient): Promise<T> => {
    // What is looked up after the lock sees every deletion that had it before.
    await client.query(inTime(LOCK));
    const { rows } = await client.query<State>(inTime(STATE), [userIds]);
    const [{ unknown, now } = { unknown: [], now: '0' }] = rows;
    const readMicros = () => readDatabaseMicros(client);
    return work({ unknown: new Set(unknown), nowMicros: BigInt(now), readMicros, client });
  };
  return inTransaction(pool, stay, ANSWER_TIMEOUT_MS);
}

/** The time that all servers share, microseconds since the epoch. */
export async function readDatabaseMicros(pool: pg.Pool | pg.PoolClient): Promise<bigint> {
  const { rows } = await pool.query<Pick<State, 'now'>>(inTime(`SELECT ${NOW} AS now`));
  return BigInt(rows[0]?.now ?? 0);
}

export interface UsersState {
  /** Those of the users who have no account. */
  readonly unknown: ReadonlySet<string>;
  /** The time that all servers share, microseconds since the epoch. */
  readonly nowMicros: bigint;
  /** Reads that time. Rejects when the lock is gone. */
  readonly readMicros: () => Promise<bigint>;
  /** The connection whose transaction holds the lock. */
  readonly client: pg.PoolClient;
}

/** A connection that answers no more is given up after this; otherwise all rows would wait until TCP does so. */
const ANSWER_TIMEOUT_MS = 10_000;
const inTime = (text: string) => ({ text, query_timeout: ANSWER_TIMEOUT_MS });

const LOCK = `
SET LOCAL lock_timeout = '1s'; SET LOCAL idle_in_transaction_session_timeout = 0;
SELECT pg_advisory_xact_lock_shared(${HISTORY_WRITERS})`;

interface State {
  readonly unknown: readonly string[];
  readonly now: string;
}

const NOW = '(extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text';

const STATE = `
SELECT ARRAY(SELECT DISTINCT user_id::text FROM unnest($1::uuid[]) AS user_id
             WHERE NOT EXISTS (SELECT FROM users WHERE users.id = user_id)) AS unknown, ${NOW} AS now`;
