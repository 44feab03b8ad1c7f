/** A server in a process of its own, whose end, log and heap can be seen. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverFile } from '../support/server-program.js';

/** @param settings the environment, on top of a free port, no drain and the log from warnings on. */
export async function startFaultyServer(settings: Readonly<Record<string, string>>): Promise<FaultyServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nearby-friends-faults-'));
  const { PATH, HOME } = process.env;
  const file = serverFile();
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const args = ['--expose-gc', ...loader, '--import', './test/faults/tell-heap.mjs', file];
  const child = spawn(process.execPath, args, {
    env: { PATH, HOME, PORT: '0', LOG_LEVEL: 'warn', DRAIN_SECONDS: '0', DATA_DIR: dataDir, ...settings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  let hasEnded = false;
  const ended = once(child, 'close').then(() => {
    hasEnded = true;
  });
  const url = await new Promise<string>((resolve, reject) => {
    const read = (text: string): void => {
      output += text;
      const found = /The map is at (http:\/\/[^/\s]+)\/\n/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout?.setEncoding('utf8').on('data', read);
    child.stderr?.setEncoding('utf8').on('data', read);
    void ended.then(() => {
      reject(new Error(`the server did not start: ${output}`));
    });
  });
  const startedWith = output.length;
  return {
    url,
    pid: child.pid ?? 0,
    ended,
    hasEnded: () => hasEnded,
    output: () => output.slice(startedWith),
    async heapBytes() {
      child.send('heap');
      const [bytes] = (await once(child, 'message')) as [number];
      return bytes;
    },
    signal: (name) => void child.kill(name),
    async close() {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export interface FaultyServer {
  readonly url: string;
  readonly pid: number;
  readonly ended: Promise<void>;
  /** Whether the process has ended, as nothing in a scenario should make it. */
  hasEnded(): boolean;
  /** What it has printed since it was ready: the lines of its log. */
  output(): string;
  /** In use on its heap, after a collection. */
  heapBytes(): Promise<number>;
  signal(name: NodeJS.Signals): void;
  close(): Promise<void>;
}
