/**
 * Says in one line, without credentials, why the start cannot use the database. PostgreSQL's own words are in
 * it where they may help.
 */
import type pg from 'pg';
import { StartupError } from '../../startup-error.js';

/** Makes the error that ends the start after a use of the pool has failed. */
export function refusal(pool: pg.Pool, error: unknown): StartupError {
  return error instanceof StartupError
    ? error
    : refuse(pool, ({ host, database }) => reasonOf(error, host, database));
}

/** Makes the error that ends the start for a reason that names the host and the database. */
export function refuse(pool: pg.Pool, reason: (address: Address) => string): StartupError {
  return new StartupError(`DATABASE_URL: ${reason(addressOf(pool.options.connectionString))}`);
}

export interface Address {
  /** With the port. */
  readonly host: string;
  readonly database: string;
}

function reasonOf(error: unknown, host: string, database: string): string {
  const code = propertyOf(error, 'code');
  const words = wordsOf(error);
  switch (code) {
    case '28P01':
    case '28000':
      return /pg_hba/.test(words)
        ? `PostgreSQL at ${host} does not let this connection in: ${words}. See pg_hba.conf there, and sslmode in the URL.`
        : `PostgreSQL at ${host} refuses the user or the password: ${words}.`;
    case '3D000':
      return `PostgreSQL at ${host} has no database "${database}".`;
    case '53300':
      return `PostgreSQL at ${host} has no connection left for us: ${words}.`;
    case '57P03':
      return `PostgreSQL at ${host} is starting up or shutting down; try again.`;
    case '42501':
      return `the user lacks a right: ${words}. docs/operations.md lists what is needed.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host of ${host} is not known.`;
    case 'ECONNREFUSED':
      return `nothing listens at ${host}.`;
  }
  // pg reads the files that the URL names; a Unix socket that is not there has the same code.
  if (propertyOf(error, 'syscall') === 'open') return `a file that the URL names cannot be read: ${words}.`;
  if (code === 'ENOENT') return `nothing listens at ${host}.`;
  if (words === 'Query read timeout') {
    return `${host} takes connections but gives no answer within 6 s, like a pooler whose database is down.`;
  }
  if (code === 'ETIMEDOUT' || (code === '' && /timeout/i.test(words)))
    return `no PostgreSQL answered at ${host} within 5 s.`;
  if (/password must be a/i.test(words))
    return `PostgreSQL at ${host} asks for a password, and the URL has none.`;
  if (/startup parameter/.test(words)) {
    return `${host} says: ${words}. Poolers refuse what they do not keep; ALTER ROLE … SET sets it for the user.`;
  }
  if (/SSL|TLS|certificate/i.test(words) || /CERT|TLS|SSL/.test(code)) {
    return `no TLS connection to ${host}: ${words}. See sslmode in the URL.`;
  }
  return `PostgreSQL at ${host} cannot be used: ${words || code}${words && code && ` (${code})`}.`;
}

function addressOf(databaseUrl: string | undefined): Address {
  if (databaseUrl === undefined || !URL.canParse(databaseUrl)) return { host: 'that URL', database: '' };
  const url = new URL(databaseUrl);
  const host = url.hostname || url.searchParams.get('host') || 'localhost';
  const database = decodeURIComponent(url.pathname.slice(1)) || decodeURIComponent(url.username);
  return { host: `${host}:${url.port || '5432'}`, database };
}

/** The error's own text on one line, without the full stop. */
function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replace(/\s+/g, ' ').replace(/\.$/, '');
}

/** A text that the error has under this name; empty when it has none. */
function propertyOf(error: unknown, name: 'code' | 'syscall'): string {
  const value = error instanceof Error && name in error ? (error as NodeJS.ErrnoException)[name] : undefined;
  return typeof value === 'string' ? value : '';
}
