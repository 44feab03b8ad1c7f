/**
 * Tells a living process from a later one that got the same number: two answers for one number are equal only when
 * they speak of the same process. Null when there is none.
 */
import { execFile } from 'node:child_process';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

export async function processIdentity(pid: number): Promise<string | null> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // proc_pid_stat(5): the name, which may hold anything, ends at the last ')'; the state is field 3, the start 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : `${boot.trim()} ${fields[19]}`;
  } catch {
    return process.platform === 'linux' ? null : ps(pid, 'lstart=');
  }
}

/** Whether `pid` is a PostgreSQL server, and as far as one may look, the one that serves `cluster`. */
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
