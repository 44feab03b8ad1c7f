/**
 * Tells a database from its copies, so that two deployments can share a Redis. The id follows the database
 * through a failover to a standby. A dump that is restored, a copy by CREATE DATABASE … TEMPLATE and another
 * schema of the same database have ids of their own. A copy of the files, such as a snapshot, has the same id.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { StartupError } from '../../startup-error.js';

/**
 * @returns 8 letters, digits, '-' or '_'. The tables must have been made.
 * @throws StartupError when the database does not tell.
 */
export async function identifyDatabase(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ identity: string }>(IDENTITY).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError(
      `DATABASE_URL: the database does not say which one it is (${reason}). Set REDIS_PREFIX, or grant EXECUTE on pg_control_system().`,
    );
  });
  return createHash('sha256')
    .update(rows[0]?.identity ?? '')
    .digest('base64url')
    .slice(0, 8);
}

/** The PostgreSQL cluster, the database in it, and the schema in that. */
const IDENTITY = `
  SELECT concat_ws(' ', system.system_identifier, database.oid, users.relnamespace) AS identity
  FROM pg_control_system() AS system, pg_database AS database, pg_class AS users
  WHERE database.datname = current_database() AND users.oid = 'users'::regclass`;
