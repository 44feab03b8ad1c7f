/** PostgreSQL's data directory: makes it, and ends a PostgreSQL that an earlier run left serving it. */
import { randomBytes } from 'node:crypto';
import { chown, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.js';
import { StartupError } from '../startup-error.js';
import { clusterOf, type PostgresPlace } from './postgres-place.js';
import { isPostmaster } from './process-identity.js';
import { signal, startSupervised } from './supervised-process.js';

/**
 * Makes the cluster if there is none yet.
 * @returns the password of its superuser.
 * @throws StartupError with one clear line.
 */
export async function prepareCluster(place: PostgresPlace): Promise<string> {
  const password = await readPassword(place);
  if (!(await exists(clusterOf(place)))) await initialise(place);
  return password;
}

/**
 * Ends a PostgreSQL of an earlier run that still serves the cluster. The caller holds the claim on the place,
 * so the process that started it is dead.
 * @throws StartupError when it does not end within 15 s.
 */
export async function endLeftover(place: PostgresPlace, log: Pick<Log, 'info'>): Promise<void> {
  const cluster = clusterOf(place);
  const pidFile = join(cluster, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (Number.isNaN(pid)) return;
  if (!(await isPostmaster(pid, cluster))) {
    // PostgreSQL would mistake any other process that has this number by now for a running server.
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

/** Returns the line of PostgreSQL's output that says what went wrong. */
export function reasonIn(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return (
    // What follows on a full disk says less.
    lines.find((line) => /No space left/i.test(line)) ??
    lines.findLast((line) => /FATAL|PANIC|error|not found/i.test(line)) ??
    lines.at(-1) ??
    'it gave no reason'
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

/**
 * Makes the cluster under another name and renames it at the end, so that an aborted start leaves no half
 * cluster.
 */
async function initialise(place: PostgresPlace): Promise<void> {
  const cluster = clusterOf(place);
  for (const name of await readdir(place.folder)) {
    if (!name.startsWith('cluster.')) continue;
    // An aborted initdb may still be ending. What cannot be removed now is removed at a later start.
    await rm(join(place.folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
  const partial = `${cluster}.${randomBytes(4).toString('hex')}`;
  let output = '';
  const initdb = await startSupervised({
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
