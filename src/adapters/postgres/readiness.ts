/**
 * Tells whether PostgreSQL lets the server do its job: the user has its rights, sees the rows of everybody, and a row
 * was written within the last seconds, on trial.
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
  schema: string,
  clock: Clock,
  log: Pick<Log, 'warn' | 'info'>,
): () => Promise<boolean> {
  let pending: Promise<Problem | null> | null = null;
  let writtenAtMs = -Infinity;
  let wasReady = true;

  async function findProblem(): Promise<Problem | null> {
    try {
      const missing = await missingRights(pool, schema);
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

/** @throws StartupError that names the rights which the user lacks in the migrated schema. */
export async function checkRights(pool: pg.Pool, schema: string): Promise<void> {
  const missing = await missingRights(pool, schema).catch((error: unknown) => {
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
  'push_subscriptions',
  'near_alerts',
  'device_tokens',
];

/** PostgreSQL's own, which everybody may execute unless somebody took that away. */
const FUNCTIONS = [
  'pg_advisory_xact_lock(bigint)',
  'pg_advisory_xact_lock_shared(bigint)',
  'pg_try_advisory_xact_lock(bigint)',
];

// By the catalog, since no name is found in a schema without USAGE. Row level security lets through what its policies
// say, and nothing where there are none; nobody can tell for all rows.
const MISSING_RIGHTS = `
  WITH relation AS (
    SELECT name, pg_class.oid FROM pg_namespace CROSS JOIN unnest($2::text[]) AS name
      LEFT JOIN pg_class ON relname = name AND relnamespace = pg_namespace.oid
     WHERE nspname = $1
  )
  SELECT coalesce(string_agg(missing, ', '), '') AS missing FROM (
    SELECT 'USAGE on schema ' || quote_ident(nspname) AS missing FROM pg_namespace
     WHERE nspname = $1 AND NOT has_schema_privilege(oid, 'USAGE')
    UNION ALL
    SELECT privilege || ' on ' || name FROM relation, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS privilege
     WHERE has_table_privilege(oid, privilege) IS NOT TRUE
    UNION ALL
    SELECT 'EXECUTE on ' || proname FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
     WHERE nspname = $1 AND proname = 'record_locations' AND NOT has_function_privilege(pg_proc.oid, 'EXECUTE')
    UNION ALL
    SELECT 'EXECUTE on ' || signature FROM unnest($3::text[]) AS signature
     WHERE NOT has_function_privilege(signature, 'EXECUTE')
    UNION ALL
    SELECT 'BYPASSRLS on ' || name FROM relation WHERE row_security_active(oid)
  ) AS each`;

/** Writes a row that nobody sees. As one message it takes one round trip, and a failure costs its connection. */
const TRIAL = `
  BEGIN;
  INSERT INTO outbox_notices (user_id, notice) VALUES ('00000000-0000-0000-0000-000000000000', 'null');
  ROLLBACK`;

async function missingRights(pool: pg.Pool, schema: string): Promise<string> {
  const { rows } = await pool.query<{ missing: string }>(MISSING_RIGHTS, [schema, TABLES, FUNCTIONS]);
  return rows[0]?.missing ?? 'all';
}
