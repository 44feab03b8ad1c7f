/**
 * Starts a real PostgreSQL from an npm package on a free port of 127.0.0.1, with its data and a database
 * `nearby_friends` below `dataDir`. It ends with this process, however that ends, and a PostgreSQL that an
 * earlier process left is ended first. Only one living process may use a `dataDir`.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../log.js';
import { StartupError } from '../startup-error.js';
import { claim, claimHolder } from './claim.js';
import { endLeftover, prepareCluster } from './postgres-cluster.js';
import { launchPostgres, logFileOf, urlOf } from './postgres-launch.js';
import { findPlace } from './postgres-place.js';

/** @throws StartupError with one clear line. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, flags = [] } = options;
  const place = await findPlace(dataDir, log);
  const claimed = await claim(place.folder);
  if (claimed.holder !== null) {
    throw new StartupError(
      `Another Nearby Friends server (pid ${claimed.holder}) uses ${dataDir}; ` +
        'set DATABASE_URL and REDIS_URL to run several servers.',
    );
  }
  try {
    await endLeftover(place, log);
    const password = await prepareCluster(place);
    const { server, url } = await launchPostgres(place, password, flags);
    let closing: Promise<void> | null = null;
    void server.ended.then(({ exitCode }) => {
      if (closing === null) log.error({ exitCode }, `PostgreSQL ended by itself; see ${logFileOf(place)}`);
    });
    return {
      url,
      close: () => (closing ??= server.stop(STOP_TIMEOUT_MS).then(claimed.release)),
    };
  } catch (error) {
    await claimed.release();
    throw error;
  }
}

/**
 * Resolves to the URL of the embedded PostgreSQL that a living server runs on `dataDir`; null when there is
 * none.
 */
export async function findEmbeddedPostgres(dataDir: string): Promise<string | null> {
  const folder = join(dataDir, 'postgres');
  if ((await claimHolder(folder)) === null) return null;
  try {
    const [password, status] = await Promise.all([
      readFile(join(folder, 'password'), 'utf8'),
      readFile(join(folder, 'cluster/postmaster.pid'), 'utf8'),
    ]);
    const port = Number(status.split('\n')[3]);
    return port > 0 ? urlOf(password, port) : null;
  } catch {
    return null;
  }
}

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  readonly log: Pick<Log, 'info' | 'error'>;
  /** More flags of PostgreSQL, such as `-c`, `fsync=off`. Default: none. */
  readonly flags?: readonly string[];
}

export interface EmbeddedPostgres {
  /** The URL of the database, with the password. */
  readonly url: string;
  /** Shuts PostgreSQL down. May be called twice. */
  close(): Promise<void>;
}

const STOP_TIMEOUT_MS = 15_000;
