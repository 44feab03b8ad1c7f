/** Runs a system under test as a process of its own on the server's core. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Target } from '../load/crowd.js';
import type { System } from '../systems.js';
import { pathOf } from './build.js';
import type { Cores } from './cores.js';

const READY = /ready: (http:\/\/[^\s/]+)/;
/**
 * Sets the young generation to Node's default maximum from the start. Left to itself it grows to anything up to 48 MB
 * and keeps that size, which would drown what is measured; made small, it would let short-lived objects get old.
 */
const COLLECTABLE = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16', '--import'];
/**
 * Makes malloc return freed memory at once (mallopt(3)). Otherwise it keeps some 30 MB of V8's compiler threads, or
 * returns them between two readings; V8 takes such memory in pieces of at least 8 kB.
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
  readonly env: Readonly<Record<string, string>>;
  readonly nodeArgs: readonly string[];
  readonly collectable: boolean;
}

export async function startSystem(system: System, options: StartOptions): Promise<SystemProcess> {
  const { cores, env, nodeArgs, collectable } = options;
  const [command = '', ...args] = [
    ...cores.serverPrefix,
    process.execPath,
    ...(collectable ? [...COLLECTABLE, pathOf('gc-on-signal')] : []),
    ...nodeArgs,
    system.program,
  ];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      ...(collectable && TRIMMED),
      ...env,
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
      redisClusterNodes: env['REDIS_CLUSTER_NODES'] ?? null,
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
