/**
 * Starts the redis-server or valkey-server on PATH for this process alone: on a free port of 127.0.0.1, with
 * a password, and without writing to disk. It ends with this process, however that ends.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../log.js';
import { StartupError } from '../startup-error.js';
import { freePort } from './free-port.js';
import { startSupervised, type SupervisedProcess } from './supervised-process.js';

/**
 * @returns null when neither program is on PATH.
 * @throws StartupError with one clear line when the program is on PATH and does not start.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis | null> {
  const command = await findServer();
  if (command === null) return null;
  const password = options.password ?? randomBytes(24).toString('base64url');
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const { server, output } = await launch(command, port, password, options.settings ?? []);
    if (server !== null) return embeddedRedis(server, port, password, options.log);
    if (attempt === 5 || options.port !== undefined || !/in use|listening on port/i.test(output)) {
      throw new StartupError(`${command} does not start: ${output.trim().split('\n').at(-1) ?? ''}`);
    }
  }
}

export interface EmbeddedRedisOptions {
  readonly log: Pick<Log, 'error'>;
  /** Default: a free port. */
  readonly port?: number;
  /** Letters, digits, '-' and '_'. Default: a random password. */
  readonly password?: string;
  /** More lines of redis.conf. Default: none. */
  readonly settings?: readonly string[];
}

export interface EmbeddedRedis {
  /** The URL of the server, with the password. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Shuts Redis down. May be called twice. */
  close(): Promise<void>;
}

const STOP_TIMEOUT_MS = 5_000;

function embeddedRedis(
  server: SupervisedProcess,
  port: number,
  password: string,
  log: Pick<Log, 'error'>,
): EmbeddedRedis {
  let closing: Promise<void> | null = null;
  server.unref();
  void server.ended.then(({ exitCode }) => {
    if (closing === null) log.error({ exitCode }, 'the embedded Redis ended by itself');
  });
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    port,
    pid: server.pid,
    close: () => (closing ??= server.stop(STOP_TIMEOUT_MS)),
  };
}

/**
 * Passes the settings in a file that is deleted once it is read: everybody on the machine can see arguments.
 */
async function launch(
  command: string,
  port: number,
  password: string,
  more: readonly string[],
): Promise<{ server: SupervisedProcess | null; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-redis-')).catch(
    (error: NodeJS.ErrnoException) => {
      throw new StartupError(`TMPDIR: ${tmpdir()} cannot be written to (${error.code ?? error.message}).`);
    },
  );
  try {
    const file = join(folder, 'redis.conf');
    const settings = [
      `port ${port}`,
      'bind 127.0.0.1',
      `requirepass ${password}`,
      'save ""',
      'appendonly no',
      // Elsewhere it could find the dump.rdb of another Redis, and would load it.
      `dir ${folder}`,
      'daemonize no',
      'loglevel notice',
      'logfile ""',
      ...more,
    ];
    await writeFile(file, settings.join('\n') + '\n', { mode: 0o600 });
    let output = '';
    let noteReady = (): void => undefined;
    const ready = new Promise<boolean>((resolve) => (noteReady = () => resolve(true)));
    const server = await startSupervised({
      command,
      args: [file],
      stopSignal: 'TERM',
      onOutput: (text) => {
        output = (output + text).slice(-4_000);
        if (output.includes('Ready to accept connections')) noteReady();
      },
    });
    const isReady = await Promise.race([ready, server.ended.then(() => false)]);
    return { server: isReady ? server : null, output };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function findServer(): Promise<string | null> {
  const search = 'command -v redis-server || command -v valkey-server';
  return promisify(execFile)('/bin/sh', ['-c', search]).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}
