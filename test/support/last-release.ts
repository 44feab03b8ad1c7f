/** The server of the last release, from the history of the repository, with the packages of today. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);
const git = async (...args: string[]): Promise<string> => (await run('git', args)).stdout.trim();

/** Until a release is tagged that uses the names in Redis of today: the last revision whose records have no version. */
const UNVERSIONED_RECORDS = 'c11571332083f667542e308384d41773575ca097';

/** To start the server from its sources. */
const NEEDED = [
  'src',
  'prisma',
  'scripts',
  'package.json',
  'tsconfig.json',
  'prisma.config.ts',
  'schema.graphql',
];

/** The revision of the last release before this one; null where the history is not there. */
export async function lastRelease(): Promise<string | null> {
  const tag = await git('describe', '--tags', '--abbrev=0', '--match', 'v*', 'HEAD^').catch(() => null);
  const revision = tag ?? UNVERSIONED_RECORDS;
  return git('rev-parse', '--verify', '--quiet', `${revision}^{commit}`).catch(() => null);
}

/** The file that starts the server of a revision; everything is removed when the test has finished. */
export async function checkOut(revision: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-release-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const archive = join(folder, 'release.tar');
  await git('archive', `--output=${archive}`, revision, ...NEEDED);
  await run('tar', ['-xf', archive, '-C', folder]);
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await run(process.execPath, ['scripts/generate-client.mjs'], { cwd: folder });
  return join(folder, 'src/main.ts');
}

/** Whether its servers start on a schema that a newer version migrated; those before any tag do not. */
export const takesNewerSchemas = (revision: string): boolean => revision !== UNVERSIONED_RECORDS;

/** Gives a server that was checked out today's migrations, so that it starts on today's schema. @param file that starts it. */
export async function giveMigrations(file: string): Promise<void> {
  await cp('prisma/migrations', join(dirname(file), '../prisma/migrations'), { recursive: true });
}
