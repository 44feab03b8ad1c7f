/** A PostgreSQL with the programs that the embedded one lacks, such as pg_dump, as Debian's package `postgresql` installs it. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { launchPostgres } from '../../src/embedded/postgres-launch.js';
import { clusterOf, findPlace, type PostgresPlace } from '../../src/embedded/postgres-place.js';
import { createLogger } from '../../src/log.js';

const STOP_TIMEOUT_MS = 15_000;
const VERSIONS = '/usr/lib/postgresql';
const NEEDED = ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'psql'];

/** The newest one's folder with bin/, or null; `npm test` installs it where it can. */
export const debianPostgres: string | null = findNewest();

/**
 * Ends when the test has finished.
 * @param folder as above.
 * @returns the URL of its empty database, which the superuser owns.
 */
export async function startDebianPostgres(folder: string): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nearby-friends-debian-'));
  await chmod(dataDir, 0o711); // As root, PostgreSQL runs as another user.
  const place = { ...(await findPlace(dataDir, createLogger('silent'))), native: folder };
  const flags = ['-c', 'fsync=off', '-c', 'synchronous_commit=off'];
  const { server, url } = await launchPostgres(place, await initialise(place), flags);
  onTestFinished(async () => {
    await server.stop(STOP_TIMEOUT_MS);
    await rm(dataDir, { recursive: true, force: true });
  });
  return url;
}

/** @returns the superuser's password. */
async function initialise(place: PostgresPlace): Promise<string> {
  const password = randomUUID();
  const file = join(place.folder, 'password');
  await writeFile(file, password);
  const access = ['--username=postgres', `--pwfile=${file}`, '--auth=scram-sha-256'];
  const args = [`--pgdata=${clusterOf(place)}`, ...access, '--encoding=UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(join(place.native, 'bin/initdb'), args, { ...place.user, cwd: '/' });
  return password;
}

function findNewest(): string | null {
  if (!existsSync(VERSIONS)) return null;
  const folders = readdirSync(VERSIONS)
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(VERSIONS, version));
  return folders.find((folder) => NEEDED.every((name) => existsSync(join(folder, 'bin', name)))) ?? null;
}
