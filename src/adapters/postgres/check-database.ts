/**
 * Looks at the start whether the server can work with the database, and says in one line what is in the way:
 * it cannot be reached, is read-only, has another encoding, or gives the session another zone or schema.
 */
import type pg from 'pg';
import type { Clock } from '../../time/clock.js';
import { schemaOf } from './pool.js';
import { named, type NameStatement, unnamed } from './prepared.js';
import { type Address, refusal, refuse } from './refusal.js';

/**
 * @throws StartupError within 6 s when the database cannot be used, with one clear line and no credentials.
 */
export async function checkDatabase(pool: pg.Pool, clock: Clock): Promise<DatabaseSession> {
  const { session, isDirect } = await readSession(pool, clock).catch((error: unknown) => {
    throw refusal(pool, error);
  });
  const { schema } = session;
  const askedSchema = schemaOf(pool.options.connectionString);
  if (schema === null) throw refuse(pool, () => withoutSchema(askedSchema));
  const problem = problemOf(session, askedSchema);
  if (problem !== null) throw refuse(pool, problem);
  return { schema, nameStatement: isDirect ? named : unnamed };
}

/** What the start found out. */
export interface DatabaseSession {
  /** The schema of all tables: `?schema=` of the URL, otherwise the first of the user's search_path. */
  readonly schema: string;
  readonly nameStatement: NameStatement;
}

interface Session {
  readonly schema: string | null;
  readonly version: number;
  readonly encoding: string;
  readonly time_zone: string;
  readonly date_style: string;
  readonly is_standby: boolean;
  readonly is_read_only: boolean;
  readonly process_id: number;
}

const DEADLINE_MS = 6_000;
const OLDEST_VERSION = 130_000;
/** The encodings that take every character; SQL_ASCII takes any bytes as they are. */
const ENCODINGS = ['UTF8', 'SQL_ASCII'];

const SESSION = `
  SELECT current_schema() AS schema, current_setting('server_version_num')::int AS version,
         current_setting('server_encoding') AS encoding, current_setting('TimeZone') AS time_zone,
         current_setting('DateStyle') AS date_style, pg_is_in_recovery() AS is_standby,
         current_setting('transaction_read_only') = 'on' AS is_read_only, pg_backend_pid() AS process_id`;

async function readSession(pool: pg.Pool, clock: Clock): Promise<{ session: Session; isDirect: boolean }> {
  const startedAtMs = clock.monotonic();
  const client = await pool.connect();
  let isHealthy = false;
  try {
    // A pooler takes the connection at once and keeps a query until its database is there.
    const timeoutMs = DEADLINE_MS - (clock.monotonic() - startedAtMs);
    const query = { text: SESSION, query_timeout: Math.max(timeoutMs, 1) };
    const { rows } = await client.query<Session>(query);
    const [session] = rows;
    if (session === undefined) throw new TypeError('The state of a session must be one row');
    isHealthy = true;
    // A pooler has numbers of its own for its clients.
    return { session, isDirect: client.processID === session.process_id };
  } finally {
    client.release(!isHealthy);
  }
}

function withoutSchema(asked: string | null): string {
  return asked === null
    ? 'the search_path of the user names no schema that is there and may be used; GRANT USAGE ON SCHEMA, or name one by ?schema=.'
    : `there is no schema "${asked}" that the user may use; CREATE SCHEMA makes one, and GRANT USAGE ON SCHEMA lets the user in.`;
}

function problemOf(session: Session, askedSchema: string | null): ((address: Address) => string) | null {
  if (session.version < OLDEST_VERSION) {
    const version = Math.floor(session.version / 10_000);
    return ({ host }) => `PostgreSQL at ${host} is version ${version}; 13 or newer is needed.`;
  }
  if (session.is_standby) {
    return ({ host }) => `PostgreSQL at ${host} is a standby, which nobody can write to; name the primary.`;
  }
  if (session.is_read_only) {
    return ({ host }) => `PostgreSQL at ${host} is read-only for this user (default_transaction_read_only).`;
  }
  if (!ENCODINGS.includes(session.encoding)) {
    return ({ database }) =>
      `the database "${database}" has the encoding ${session.encoding}, which lacks most names; UTF8 is needed.`;
  }
  if (session.time_zone !== 'UTC' || !session.date_style.startsWith('ISO')) {
    return ({ host }) => `the pooler at ${host} drops the startup parameters TimeZone and DateStyle.`;
  }
  if (askedSchema !== null && session.schema !== askedSchema) {
    return ({ host }) =>
      `the session at ${host} is in the schema "${session.schema}", whatever ?schema= says; ALTER ROLE … SET search_path sets it.`;
  }
  return null;
}
