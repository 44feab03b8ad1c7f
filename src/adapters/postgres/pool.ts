/**
 * The bounded pool of PostgreSQL connections. A connection that breaks while idle is logged and replaced at
 * the next use. A use that gets no connection within five seconds fails.
 */
import pg from 'pg';
import type { Log } from '../../log.js';
import { StartupError } from '../../startup-error.js';
import type { Clock } from '../../time/clock.js';
import { within } from '../../time/within.js';

export function createPool(databaseUrl: string, options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: options.applicationName ?? 'nearby-friends',
    // Prisma's adapter writes and reads timestamps without an offset, so the session must be in UTC.
    options: '-c TimeZone=UTC',
    max: options.maxConnections ?? 20,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  // A connection that breaks in use fails its query. Without a listener its 'error' event would end the
  // process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', (error) => {
    if (!pool.ending) options.log.warn({ code: codeOf(error) }, 'a PostgreSQL connection broke');
  });
  return pool;
}

/**
 * @throws StartupError within 6 s when the database cannot be used, with one clear line and no credentials.
 */
export async function checkDatabase(pool: pg.Pool): Promise<void> {
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    throw new StartupError(`DATABASE_URL: ${reasonOf(error, addressOf(pool.options.connectionString))}`);
  }
}

/** Reads the database's clock, milliseconds since the epoch. */
export async function readDatabaseTime(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ ms: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
  );
  return rows[0]?.ms ?? NaN;
}

/** Makes a check whether the database answers within two seconds. Checks at the same time share one query. */
export function createDatabaseCheck(pool: pg.Pool, clock: Clock): () => Promise<boolean> {
  let pending: Promise<boolean> | null = null;

  async function ask(): Promise<boolean> {
    try {
      await pool.query('SELECT 1');
      return true;
    } catch {
      return false;
    } finally {
      pending = null;
    }
  }

  return () => {
    pending ??= ask();
    return within(clock, ANSWER_TIMEOUT_MS, pending, false);
  };
}

export interface PoolOptions {
  readonly log: Pick<Log, 'warn'>;
  /** The greatest number of connections at a time. Default: 20. */
  readonly maxConnections?: number;
  /** The name in pg_stat_activity. Default: nearby-friends. */
  readonly applicationName?: string;
}

interface Address {
  readonly host: string;
  readonly database: string;
}

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 2_000;

function reasonOf(error: unknown, address: Address): string {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === '28P01' || code === '28000')
    return `PostgreSQL at ${address.host} refuses the user or the password.`;
  if (code === '3D000') return `PostgreSQL at ${address.host} has no database "${address.database}".`;
  if (code === '53300') return `PostgreSQL at ${address.host} has no connection left for us.`;
  if (code === '57P03') return `PostgreSQL at ${address.host} is starting up or shutting down; try again.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the host of ${address.host} is not known.`;
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return `nothing listens at ${address.host}.`;
  if (/timeout/i.test(message)) return `no PostgreSQL answered at ${address.host} within 5 s.`;
  if (/SSL|TLS|certificate/i.test(message) || /CERT|TLS|SSL/.test(code)) {
    return `no TLS connection to ${address.host}: ${message}. See sslmode in the URL.`;
  }
  return `PostgreSQL at ${address.host} cannot be used (${code || message}).`;
}

function addressOf(databaseUrl: string | undefined): Address {
  if (databaseUrl === undefined || !URL.canParse(databaseUrl)) return { host: 'that URL', database: '' };
  const url = new URL(databaseUrl);
  const host = url.hostname || url.searchParams.get('host') || 'localhost';
  const database = decodeURIComponent(url.pathname.slice(1)) || decodeURIComponent(url.username);
  return { host: `${host}:${url.port || '5432'}`, database };
}

/** Returns the SQLSTATE or the system's error code; empty when there is none. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
