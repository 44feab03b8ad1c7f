/**
 * One core for the server under test, the others for everything else: Redis, PostgreSQL, the load generator and this
 * program. Works where `taskset` and two cores are; elsewhere everything shares everything, and the report says so.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

export interface Cores {
  readonly pinned: boolean;
  readonly server: number;
  /** What runs a command on the server's core; empty where nothing is pinned. */
  readonly serverPrefix: readonly string[];
  /** Moves a process that runs already to the server's core; does nothing where nothing is pinned. */
  moveToServer(pid: number): void;
}

const SERVER_CORE = 0;

/** Pins this process, and with it all that it starts from now on without the prefix. */
export function separateCores(): Cores {
  const count = cpus().length;
  const others = count === 2 ? '1' : `1-${count - 1}`;
  const pinned = count >= 2 && taskset('-a', '-p', '-c', others, String(process.pid));
  return {
    pinned,
    server: SERVER_CORE,
    serverPrefix: pinned ? ['taskset', '-c', String(SERVER_CORE)] : [],
    moveToServer(pid) {
      if (pinned) taskset('-a', '-p', '-c', String(SERVER_CORE), String(pid));
    },
  };
}

function taskset(...args: string[]): boolean {
  return spawnSync('taskset', args, { stdio: 'ignore' }).status === 0;
}
