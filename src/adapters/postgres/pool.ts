/**
 * The bounded pool of PostgreSQL connections. A connection that breaks while idle is logged and replaced at
 * the next use. A use that gets no connection within five seconds fails. No connection has state that a
 * pooler in transaction mode would lose: see docs/decisions/067-poolers.md.
 */
import pg from 'pg';
import type { Log } from '../../log.js';
import { giveUpReadOnly } from './read-only-connections.js';

export function createPool(databaseUrl: string, options: PoolOptions): pg.Pool {
  const schema = schemaOf(databaseUrl);
  const ignored = ignoredParametersOf(databaseUrl);
  if (ignored.length > 0) {
    options.log.warn(
      `DATABASE_URL: ${ignored.join(', ')} ${ignored.length === 1 ? 'has' : 'have'} no effect; ` +
        'DATABASE_POOL_SIZE sets the number of connections, and poolers are noticed',
    );
  }
  const pool = new pg.Pool({
    Client: clientWith({
      // Prisma's adapter writes and reads times without their offset. Poolers keep these two for each client.
      TimeZone: 'UTC',
      DateStyle: 'ISO, MDY',
      // PgBouncer refuses this one. Prisma puts `?schema=public` into every URL, and that needs no help.
      ...(schema !== null && schema !== 'public' && { search_path: pg.escapeIdentifier(schema) }),
      ...timeoutsOf(databaseUrl),
    }),
    connectionString: databaseUrl,
    application_name: options.applicationName ?? 'nearby-friends',
    max: options.maxConnections ?? 20,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  // A connection that breaks in use fails its query. Without a listener its 'error' event would end the
  // process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  giveUpReadOnly(pool);
  pool.on('error', (error) => {
    const code = 'code' in error ? error.code : '';
    if (!pool.ending) options.log.warn({ code }, 'a PostgreSQL connection broke');
  });
  return pool;
}

/** Returns the schema that a database URL names by `?schema=`, as Prisma's URLs do; null when it names none. */
export function schemaOf(databaseUrl: string | undefined): string | null {
  if (databaseUrl === undefined || !URL.canParse(databaseUrl)) return null;
  return new URL(databaseUrl).searchParams.get('schema') || null;
}

/** Returns the names of the parameters of a database URL that neither pg nor we know, such as Prisma's own. */
export function ignoredParametersOf(databaseUrl: string): string[] {
  if (!URL.canParse(databaseUrl)) return [];
  const names = new Set(new URL(databaseUrl).searchParams.keys());
  // Where a password was not percent-encoded, a part of it may look like a parameter.
  return [...names].filter((name) => !PARAMETERS.has(name) && /^[a-z_]+$/i.test(name));
}

export interface PoolOptions {
  readonly log: Pick<Log, 'warn'>;
  /** The greatest number of connections at a time. Default: 20. */
  readonly maxConnections?: number;
  /** The name in pg_stat_activity. Default: nearby-friends. */
  readonly applicationName?: string;
}

declare module 'pg' {
  interface ClientBase {
    /** The key under which the other side knows the connection: PostgreSQL's process, or a pooler's number. */
    readonly processID: number | null;
    readonly connection: pg.Connection;
  }
  interface Client {
    getStartupConf(): Record<string, string>;
  }
}

const CONNECT_TIMEOUT_MS = 5_000;

const TIMEOUTS = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];

/** The timeouts of a database URL for PostgreSQL to read: pg would make five milliseconds of `5s`. */
function timeoutsOf(databaseUrl: string): Record<string, string> {
  const given = URL.canParse(databaseUrl) ? [...new URL(databaseUrl).searchParams] : [];
  return Object.fromEntries(given.filter(([name]) => TIMEOUTS.includes(name)));
}

/** Of these pg takes all but the last. */
const PARAMETERS: ReadonlySet<string> = new Set([
  ...['user', 'password', 'host', 'port', 'client_encoding', 'options'],
  ...['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation', 'uselibpqcompat'],
  ...['application_name', 'fallback_application_name', 'query_timeout', ...TIMEOUTS, 'schema'],
]);

/**
 * Makes a client that sends more parameters when it connects. They go before those of the role and of the
 * database, take no message of their own, and, unlike `options`, pass through PgBouncer.
 */
function clientWith(parameters: Readonly<Record<string, string>>): typeof pg.Client {
  return class extends pg.Client {
    override getStartupConf(): Record<string, string> {
      return { ...super.getStartupConf(), ...parameters };
    }
  };
}
