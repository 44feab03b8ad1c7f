/**
 * Identifies processes beyond their number, which the system reuses: two identities for one number are equal
 * only for the same process.
 */
import { execFile } from 'node:child_process';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Resolves to the identity of a living process; null when there is none. */
export async function processIdentity(pid: number): Promise<string | null> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // proc_pid_stat(5): the name, which may contain anything, ends at the last ')'. The state is field 3, the
    // start 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : `${boot.trim()} ${fields[19]}`;
  } catch {
    return process.platform === 'linux' ? null : ps(pid, 'lstart=');
  }
}

/**
 * Resolves to whether `pid` is a PostgreSQL server, and, if the system lets us see it, the one of `cluster`.
 */
export async function isPostmaster(pid: number, cluster: string): Promise<boolean> {
  if (process.platform !== 'linux') return (await ps(pid, 'comm='))?.includes('postgres') ?? false;
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(cluster));
  } catch {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    return name.trim() === 'postgres' && (await processIdentity(pid)) !== null;
  }
}

async function ps(pid: number, column: string): Promise<string | null> {
  return promisify(execFile)('ps', ['-o', column, '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim() || null,
    () => null,
  );
}
