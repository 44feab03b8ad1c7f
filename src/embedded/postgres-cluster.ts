/** Makes the cluster if there is none yet. @returns the password of its superuser. */
import { randomBytes } from 'node:crypto';
import { chown, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.js';
import { StartupError } from '../startup-error.js';
import { clusterOf, type PostgresPlace } from './postgres-place.js';
import { isPostmaster } from './process-identity.js';
import { signal, startWatched } from './watched-process.js';

export async function prepareCluster(place: PostgresPlace): Promise<string> {
  const password = await readPassword(place);
  if (!(await exists(clusterOf(place)))) await initialise(place);
  return password;
}

/**
 * Sees to it that no PostgreSQL of an earlier run serves the cluster. To be called with the claim on the place, so
 * that whoever started that PostgreSQL is dead.
 */
export async function endLeftover(place: PostgresPlace, log: Pick<Log, 'info'>): Promise<void> {
  const cluster = clusterOf(place);
  const pidFile = join(cluster, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (Number.isNaN(pid)) return;
  if (!(await isPostmaster(pid, cluster))) {
    // PostgreSQL itself would take any other process that has got this number since for a running server.
    await rm(pidFile, { force: true });
    return;
  }
  log.info(`waiting for the PostgreSQL of an earlier run (pid ${pid}) to end`);
  for (const [name, patienceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
  ] as const) {
    signal(pid, name);
    for (const patience = AbortSignal.timeout(patienceMs); !patience.aborted; await sleep(20)) {
      if (!(await isPostmaster(pid, cluster))) return;
    }
  }
  throw new StartupError(
    `The PostgreSQL of an earlier run (pid ${pid}) does not end. Stop it and start again.`,
  );
}

/** The line of PostgreSQL's output that says what went wrong. */
export function reasonIn(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return (
    lines.findLast((line) => /FATAL|PANIC|error|not found/i.test(line)) ?? lines.at(-1) ?? 'it says nothing'
  );
}

async function readPassword(place: PostgresPlace): Promise<string> {
  const path = join(place.folder, 'password');
  if (!(await exists(path))) {
    await writeFile(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (place.user !== undefined) await chown(path, place.user.uid, place.user.gid);
  }
  return readFile(path, 'utf8');
}

/** Under another name until it is whole: a start that was cut off leaves nothing that looks like a cluster. */
async function initialise(place: PostgresPlace): Promise<void> {
  const cluster = clusterOf(place);
  for (const name of await readdir(place.folder)) {
    if (!name.startsWith('cluster.')) continue;
    // The initdb that was cut off may still be ending; what cannot be taken away now is taken away another time.
    await rm(join(place.folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
  const partial = `${cluster}.${randomBytes(4).toString('hex')}`;
  let output = '';
  const initdb = await startWatched({
    command: join(place.native, 'bin/initdb'),
    args: [
      `--pgdata=${partial}`,
      '--username=postgres',
      `--pwfile=${join(place.folder, 'password')}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    stopSignal: 'TERM',
    user: place.user,
    onOutput: (text) => (output += text),
  });
  const { exitCode } = await initdb.ended;
  if (exitCode !== 0) throw new StartupError(`The embedded PostgreSQL cannot be set up: ${reasonIn(output)}`);
  await rename(partial, cluster);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
