/** Reads what processes and cores used from the accounts of the operating system in /proc (Linux). */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** USER_HZ, the unit of /proc/<pid>/stat; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time of a process with all its threads, user and system, in seconds; steps of 10 ms. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory of a process. */
export function rssBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Rss:\s+(\d+) kB/m.exec(text)?.[1] ?? NaN) * 1_024;
}

/** How often a process asked the operating system to read and to write, sockets and files alike. */
export function systemCalls(pid: number): { reads: number; writes: number } {
  const text = readFileSync(`/proc/${pid}/io`, 'utf8');
  const read = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? NaN);
  return { reads: read('syscr'), writes: read('syscw') };
}

export interface CoreUse {
  /** Busy with anything, seconds. */
  readonly busySeconds: number;
  /** Taken by other machines on the same host, seconds. */
  readonly stolenSeconds: number;
}

/** Since boot, for each core. */
export function coreUse(): CoreUse[] {
  const lines = readFileSync('/proc/stat', 'utf8').split('\n');
  return cpus().map((_, core) => {
    const line = lines.find((text) => text.startsWith(`cpu${core} `)) ?? '';
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
      .split(' ')
      .slice(1)
      .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
    return { busySeconds: user + nice + system + irq + softirq, stolenSeconds: steal };
  });
}

export function coreUseSince(before: readonly CoreUse[]): CoreUse[] {
  return coreUse().map((now, core) => ({
    busySeconds: now.busySeconds - (before[core]?.busySeconds ?? 0),
    stolenSeconds: now.stolenSeconds - (before[core]?.stolenSeconds ?? 0),
  }));
}
