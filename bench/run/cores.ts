/**
 * Gives the server under test a core of its own and the others to everything else: Redis, PostgreSQL, the load generator
 * and this program. Needs `taskset` and two cores; elsewhere everything shares all cores, and the report says so.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

export interface Cores {
  readonly pinned: boolean;
  readonly server: number;
  /** Starts a command on the server's core; empty where nothing is pinned. */
  readonly serverPrefix: readonly string[];
  /** Moves a running process to the server's core; does nothing where nothing is pinned. */
  moveToServer(pid: number): void;
}

const SERVER_CORE = 0;

/** Pins this process, and with it everything that it starts from now on without the prefix. */
export function separateCores(): Cores {
  const count = cpus().length;
  const others = count === 2 ? '1' : `1-${count - 1}`;
  const pinned = count >= 2 && taskset(others, process.pid);
  return {
    pinned,
    server: SERVER_CORE,
    serverPrefix: pinned ? ['taskset', '-c', String(SERVER_CORE)] : [],
    moveToServer(pid) {
      if (pinned) taskset(String(SERVER_CORE), pid);
    },
  };
}

function taskset(cores: string, pid: number): boolean {
  return spawnSync('taskset', ['-a', '-p', '-c', cores, String(pid)], { stdio: 'ignore' }).status === 0;
}
