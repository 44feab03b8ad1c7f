/** PgBouncer with its default settings in front of a PostgreSQL; it ends with the test's process at the latest. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { freePort } from '../../src/embedded/free-port.js';
import { startSupervised } from '../../src/embedded/supervised-process.js';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const LISTENING_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;

/** The version that is installed, such as 1.18.0, or null; `npm test` installs it where it can. */
export const pgBouncerVersion =
  /PgBouncer ([\d.]+)/.exec(
    spawnSync('pgbouncer', ['--version'], { env: { PATH } }).stdout?.toString(),
  )?.[1] ?? null;

export interface PgBouncer {
  /** The database's URL by way of PgBouncer. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param settings lines of pgbouncer.ini on top of its defaults. */
export async function startPgBouncer(databaseUrl: string, settings: readonly string[]): Promise<PgBouncer> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-pgbouncer-'));
  await chmod(folder, 0o755); // As root, it runs as another user.
  const behind = new URL(databaseUrl);
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=${behind.hostname} port=${behind.port} user=${behind.username} password=${behind.password}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      ...settings,
    ].join('\n'),
  );
  let output = '';
  const process = await startSupervised({
    command: 'env',
    args: [
      `PATH=${PATH}`,
      'pgbouncer',
      ...(globalThis.process.getuid?.() === 0 ? ['-u', 'nobody'] : []),
      file,
    ],
    stopSignal: 'TERM',
    onOutput: (more) => (output += more),
  });
  process.unref();
  const url = new URL(databaseUrl);
  url.port = String(port);
  const failed = process.ended.then(() => {
    throw new Error(`PgBouncer has ended: ${output}`);
  });
  failed.catch(() => undefined);
  await Promise.race([vi.waitFor(() => connectTo(port), LISTENING_MS), failed]);
  return {
    url: url.href,
    async close() {
      await process.stop(STOP_TIMEOUT_MS);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function connectTo(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
}
