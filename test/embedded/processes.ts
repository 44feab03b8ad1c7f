import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const SERVER_PROCESS = fileURLToPath(new URL('server-process.ts', import.meta.url));

/** Runs server-process.ts as the leader of a process group, as npm's would be in a terminal. */
export function spawnServer(
  args: readonly string[],
  user: { uid?: number; gid?: number } = {},
): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', SERVER_PROCESS, ...args], {
    ...user,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** What comes after `url` or `failed` in its output. */
export async function outcomeOf(child: ChildProcess): Promise<{ url?: string; failed?: string }> {
  let output = '';
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk);
    const [, kind, text] = /^(url|failed) (.*)\n/m.exec(output) ?? [];
    if (kind !== undefined) return { [kind]: text };
  }
  throw new Error(`The process ended: ${output}`);
}

export async function kill9(child: ChildProcess, whom: 'process' | 'group' = 'process'): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(whom === 'group' ? -child.pid : child.pid, 'SIGKILL');
  await once(child, 'exit');
}

/** Processes that name `text` in their command line or work in a folder of that name; Linux only. */
export async function processesOf(text: string): Promise<readonly { pid: number; command: string }[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => ({
      pid,
      command: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '),
      cwd: await readlink(`/proc/${pid}/cwd`).catch(() => ''),
    })),
  );
  return found.filter(({ command, cwd }) => command.includes(text) || cwd.includes(text));
}

export async function untilGone(text: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const left = await processesOf(text);
      if (left.length > 0) throw new Error(`still running: ${left.map(({ command }) => command).join('; ')}`);
    },
    { timeout: 10_000, interval: 20 },
  );
}
