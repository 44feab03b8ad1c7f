/** A system under test: a process of its own on the server's core. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Target } from '../load/commands.js';
import type { System } from '../systems.js';
import { pathOf, SERVER } from './build.js';
import type { Cores } from './cores.js';

const READY = /ready: (http:\/\/[^\s/]+)/;
/**
 * The young generation at Node's default maximum from the start. Left to itself it is anything up to 48 MB and keeps its
 * size when it is empty, which would drown what is measured; made small, what would have died young gets old.
 */
const COLLECTABLE = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16', '--import'];
/**
 * What malloc no longer needs goes back at once (mallopt(3)). By itself it keeps some 30 MB of V8's compiler threads or
 * does not, and may give them back between two readings; V8 takes such memory in pieces of at least 8 kB.
 */
const TRIMMED = { MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '8192' };
const STOP_TIMEOUT_MS = 10_000;

export interface SystemProcess {
  readonly target: Target;
  readonly pid: number;
  /** Rejects when the process ends before it is stopped. */
  readonly died: Promise<never>;
  /** Collects all garbage; for systems started with `collectable`. */
  collectGarbage(): void;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly cores: Cores;
  readonly env: Record<string, string>;
  /** Options of Node. */
  readonly nodeArgs?: readonly string[];
  readonly collectable?: boolean;
}

export async function startSystem(system: System, options: StartOptions): Promise<SystemProcess> {
  const collectable = options.collectable === true;
  const collecting = collectable ? [...COLLECTABLE, pathOf('gc-on-signal')] : [];
  const program = system.program === 'server' ? SERVER : pathOf(system.program);
  const [command = '', ...args] = [
    ...options.cores.serverPrefix,
    process.execPath,
    ...collecting,
    ...(options.nodeArgs ?? []),
    program,
  ];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      ...(collectable && TRIMMED),
      ...options.env,
      ...system.env,
    },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${system.name} does not start`);
  let stopping = false;
  let output = '';
  const died = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) => {
      if (!stopping) reject(new Error(`${system.name} ended by itself (${code ?? signal}): ${output}`));
    });
  });
  died.catch(() => undefined);
  const ready = new Promise<string>((resolve) => {
    const read = (text: string): void => {
      output = (output + text).slice(-4_000);
      const url = READY.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
  });
  return {
    target: {
      url: await Promise.race([ready, died]),
      protocol: system.protocol,
      serverPid: pid,
      redisClusterNodes: options.env['REDIS_CLUSTER_NODES'] ?? null,
    },
    pid,
    died,
    collectGarbage: () => void child.kill('SIGUSR2'),
    stop: () => {
      stopping = true;
      return stop(child);
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}
