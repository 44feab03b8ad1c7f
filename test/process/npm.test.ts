/** Whatever way npm ends, the server that it started drains and ends, and so do its PostgreSQL and Redis. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { processIdentity } from '../../src/embedded/process-identity.js';
import { signUp } from '../support/api.js';
import { openRawSocket } from '../support/raw-socket.js';

const SERVICE_RESTART = 1012;
const SCRIPTS = [['start'], ['demo'], ['dev']] as const;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGKILL'] as const;
/** A server that starts, makes its database and ends on a busy machine. */
const PATIENCE = { timeout: 60_000, interval: 50 };

vi.setConfig({ testTimeout: 120_000 });

describe.each(SCRIPTS)('npm run %s', (script) => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'nearby-friends-npm-'));
    await chmod(dataDir, 0o711); // As root, PostgreSQL runs as another user.
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  test.each(SIGNALS)('%s to npm ends all that it started', async (signal) => {
    const npm = startNpm(script, dataDir);
    const url = await npm.url;
    const user = await signUp(url);
    const socket = await openRawSocket(url);
    await socket.init(user.token);
    const started = await descendants(npm.pid);
    const names = started.map(({ name }) => name);
    expect(names).toContain('postgres');
    expect(names.some((name) => /^(redis|valkey)-server$/.test(name))).toBe(true);

    process.kill(npm.pid, signal);
    expect((await socket.closed).code).toBe(SERVICE_RESTART);
    await vi.waitFor(async () => expect(await living(started)).toEqual([]), PATIENCE);
    await bind(Number(new URL(url).port));
  });
});

/** npm with a pid of its own and the server under it, killed when the test has finished. */
function startNpm(script: string, dataDir: string): { readonly pid: number; readonly url: Promise<string> } {
  const { PATH, HOME } = process.env;
  const child = spawn('npm', ['run', script], {
    env: { PATH, HOME, PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn', DRAIN_SECONDS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('npm is not on PATH.');
  onTestFinished(async () => {
    for (const { pid: each } of [...(await descendants(pid)), { pid }]) kill(each);
  });
  const url = new Promise<string>((resolve, reject) => {
    let output = '';
    const take = (text: string): void => {
      output += text;
      const found = /(?:is ready|The demo is at):? (http:\/\/[^/\s]+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('close', () => reject(new Error(output)));
  });
  return { pid, url };
}

interface Process {
  readonly pid: number;
  readonly name: string;
  readonly identity: string | null;
}

async function descendants(root: number): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,comm=']);
  const all = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const pids = new Set([root]);
  // A process comes after its parent only as long as numbers have not wrapped around.
  for (let known = 0; known < pids.size;) {
    known = pids.size;
    for (const [pid, parent] of all) if (pids.has(Number(parent))) pids.add(Number(pid));
  }
  const found = all.filter(([pid]) => pids.has(Number(pid)) && Number(pid) !== root);
  return Promise.all(
    found.map(async ([pid, , name = '']) => {
      return { pid: Number(pid), name, identity: await processIdentity(Number(pid)) };
    }),
  );
}

/** The names of those that still run. */
async function living(processes: readonly Process[]): Promise<string[]> {
  const identities = await Promise.all(processes.map(({ pid }) => processIdentity(pid)));
  return processes
    .filter(({ identity }, index) => identity !== null && identities[index] === identity)
    .map(({ name }) => name);
}

/** Fails when the port is taken. */
async function bind(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
