/**
 * Tells whether PostgreSQL lets the server do its job: the user has its rights on every table, and a row was
 * written within the last seconds, on trial.
 */
import type pg from 'pg';
import type { Log } from '../../log.js';
import { StartupError } from '../../startup-error.js';
import type { Clock } from '../../time/clock.js';
import { within } from '../../time/within.js';
import { refusal } from './refusal.js';

/**
 * Makes a check whether the server can work with the database, which takes two seconds at most. Checks at the
 * same time share one. The log says when the answer changes, and why.
 */
export function createDatabaseCheck(
  pool: pg.Pool,
  clock: Clock,
  log: Pick<Log, 'warn' | 'info'>,
): () => Promise<boolean> {
  let pending: Promise<Problem | null> | null = null;
  let writtenAtMs = -Infinity;
  let wasReady = true;

  async function findProblem(): Promise<Problem | null> {
    try {
      const missing = await missingRights(pool);
      if (missing !== '') return { missing };
      const nowMs = clock.monotonic();
      if (!wasReady || nowMs - writtenAtMs >= TRIAL_INTERVAL_MS) {
        await pool.query(TRIAL);
        writtenAtMs = nowMs;
      }
      return null;
    } catch (err) {
      return { err };
    } finally {
      pending = null;
    }
  }

  return async () => {
    pending ??= findProblem();
    const problem = await within(clock, ANSWER_TIMEOUT_MS, pending, NO_ANSWER);
    const isReady = problem === null;
    if (wasReady && !isReady) log.warn(problem, 'PostgreSQL cannot be used');
    if (!wasReady && isReady) log.info('PostgreSQL can be used again');
    wasReady = isReady;
    return isReady;
  };
}

/** @throws StartupError that names the rights which the user lacks on the migrated tables. */
export async function checkRights(pool: pg.Pool): Promise<void> {
  const missing = await missingRights(pool).catch((error: unknown) => {
    throw refusal(pool, error);
  });
  if (missing !== '') throw new StartupError(`DATABASE_URL: the user lacks rights: ${missing}.`);
}

/** As the log shows it. */
type Problem = { readonly missing: string } | { readonly err: unknown };

const NO_ANSWER: Problem = { missing: 'an answer within two seconds' };
const ANSWER_TIMEOUT_MS = 2_000;
const TRIAL_INTERVAL_MS = 5_000;

const TABLES = [
  'users',
  'auth_sessions',
  'refresh_tokens',
  'friendships',
  'friend_requests',
  'blocks',
  'outbox_notices',
  'signing_keys',
  'location_history',
  'location_ids',
  'erasures',
];

const MISSING_RIGHTS = `
  SELECT coalesce(string_agg(privilege || ' on ' || relation, ', '), '') AS missing
    FROM unnest($1::text[]) AS relation, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS privilege
   WHERE NOT has_table_privilege(relation, privilege)`;

/** Writes a row that nobody sees. As one message it takes one round trip, and a failure costs its connection. */
const TRIAL = `
  BEGIN;
  INSERT INTO outbox_notices (user_id, notice) VALUES ('00000000-0000-0000-0000-000000000000', 'null');
  ROLLBACK`;

async function missingRights(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ missing: string }>(MISSING_RIGHTS, [TABLES]);
  return rows[0]?.missing ?? 'all';
}
