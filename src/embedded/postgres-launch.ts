/**
 * Starts PostgreSQL on a free port and waits until it accepts queries. Recovery after a crash may take a
 * while.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StartupError } from '../startup-error.js';
import { freePort } from './free-port.js';
import { reasonIn } from './postgres-cluster.js';
import { clusterOf, type PostgresPlace } from './postgres-place.js';
import { startSupervised, type SupervisedProcess } from './supervised-process.js';

/** @throws StartupError with one clear line. */
export async function launchPostgres(
  place: PostgresPlace,
  password: string,
  flags: readonly string[],
): Promise<{ readonly server: SupervisedProcess; readonly url: string }> {
  await rename(logFileOf(place), `${logFileOf(place)}.1`).catch(() => undefined);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = await start(place, port, flags);
    const ended = new AbortController();
    void server.ended.then(() => ended.abort());
    try {
      if (await becomesReady(place, ended.signal)) {
        await createOurDatabase(urlOf(password, port, 'postgres')).catch((error: Error) => {
          throw new StartupError(
            `The embedded PostgreSQL in ${place.folder} refuses the connection: ${error.message}`,
          );
        });
        server.unref();
        return { server, url: urlOf(password, port) };
      }
    } catch (error) {
      await server.stop(STOP_TIMEOUT_MS);
      throw error;
    }
    const output = await readFile(logFileOf(place), 'utf8');
    if (attempt === 5 || !output.includes('Address already in use')) {
      throw new StartupError(`The embedded PostgreSQL does not start: ${reasonIn(output)}`);
    }
  }
}

/** Returns the URL of the server. It sets sslmode, so that PGSSLMODE in the environment has no effect. */
export function urlOf(password: string, port: number, database = DATABASE): string {
  return `postgresql://postgres:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;
}

export function logFileOf(place: PostgresPlace): string {
  return join(place.folder, 'postgres.log');
}

const DATABASE = 'nearby_friends';
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 15_000;

const FLAGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  jit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Logging the statements of errors would put users' data into the log.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

async function start(
  place: PostgresPlace,
  port: number,
  flags: readonly string[],
): Promise<SupervisedProcess> {
  const settings = Object.entries({ ...FLAGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await open(logFileOf(place), 'w', 0o600);
  return startSupervised({
    command: join(place.native, 'bin/postgres'),
    args: ['-D', clusterOf(place), ...settings, ...flags],
    stopSignal: 'INT',
    user: place.user,
    logFd: log.fd,
  }).finally(() => log.close());
}

/**
 * Waits for the server's log to say that it is ready, since another program may answer at its port.
 * @returns false when the server ended instead.
 */
async function becomesReady(place: PostgresPlace, ended: AbortSignal): Promise<boolean> {
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
  while (!ended.aborted) {
    const output = await readFile(logFileOf(place), 'utf8');
    if (output.includes('database system is ready to accept connections')) return true;
    if (timeout.aborted)
      throw new StartupError(`The embedded PostgreSQL does not become ready: ${reasonIn(output)}`);
    await sleep(10);
  }
  return false;
}

async function createOurDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // The query fails with the same error.
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}
