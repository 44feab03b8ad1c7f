/** A PostgreSQL of the caller's own, which can be stopped and made deaf; it ends with the test's process at the latest. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.js';
import { clusterOf, findPlace } from '../../src/embedded/postgres-place.js';
import { createLogger } from '../../src/log.js';

export interface OwnPostgres {
  /** Another one after each restart. */
  readonly url: string;
  /** Stops all its processes: connections stay open and nothing is answered. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Ends it, as for a maintenance, until `restart`. */
  stop(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nearby-friends-own-'));
  await chmod(dataDir, 0o711); // As root, PostgreSQL runs as another user.
  const log = createLogger('silent');
  const flags = ['-c', 'fsync=off', '-c', 'synchronous_commit=off'];
  let postgres = await startEmbeddedPostgres({ dataDir, log, flags });
  const cluster = clusterOf(await findPlace(dataDir, log));
  const frozen: number[] = [];

  async function childrenOf(postmaster: number): Promise<number[]> {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
    const pairs = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
    return pairs.flatMap(([pid, parent]) => (pid !== undefined && parent === postmaster ? [pid] : []));
  }

  function thaw(): void {
    for (const pid of frozen.splice(0).reverse()) process.kill(pid, 'SIGCONT');
  }

  return {
    get url() {
      return postgres.url;
    },
    async freeze() {
      const postmaster = Number.parseInt(await readFile(join(cluster, 'postmaster.pid'), 'utf8'), 10);
      process.kill(postmaster, 'SIGSTOP');
      frozen.push(postmaster);
      for (const pid of await childrenOf(postmaster)) {
        process.kill(pid, 'SIGSTOP');
        frozen.push(pid);
      }
    },
    thaw,
    stop: () => postgres.close(),
    async restart() {
      postgres = await startEmbeddedPostgres({ dataDir, log, flags });
    },
    async close() {
      thaw();
      await postgres.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
