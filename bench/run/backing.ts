/** Redis and PostgreSQL of the benchmark's own, durable as in production; they end with this process. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { Redis } from 'ioredis';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.js';
import { startEmbeddedRedis } from '../../src/embedded/redis.js';
import { createLogger } from '../../src/log.js';

/** A Redis that systems use one after the other, or one has for itself. */
export interface BenchRedis {
  readonly redisUrl: string;
  /** Empties Redis, so that no system finds what another one left. */
  clearRedis(): Promise<void>;
  close(): Promise<void>;
}

export interface Backing extends BenchRedis {
  /** The PostgreSQL server; populations have databases of their own on it. */
  readonly postgresUrl: string;
}

const DATA_DIR = resolve('.data/bench');
/** Counts the statements that the reconnect workload asks about. */
const FLAGS = ['-c', 'shared_preload_libraries=pg_stat_statements'];

/** @throws StartupError with one clear line. */
export async function startBacking(): Promise<Backing> {
  ensureRedis();
  const redis = await startRedis();
  const postgres = await startEmbeddedPostgres({
    dataDir: DATA_DIR,
    log: createLogger('warn'),
    flags: FLAGS,
  });
  return {
    ...redis,
    postgresUrl: postgres.url,
    close: async () => {
      await redis.close();
      await postgres.close();
    },
  };
}

export async function startRedis(): Promise<BenchRedis> {
  const redis = await startEmbeddedRedis({ log: createLogger('warn') });
  if (redis === null) throw new Error('The benchmark needs redis-server or valkey-server on PATH.');
  const client = new Redis(redis.url);
  return {
    redisUrl: redis.url,
    clearRedis: async () => void (await client.flushall()),
    close: async () => {
      client.disconnect();
      await redis.close();
    },
  };
}

/** Installs it where that takes no question; says on stderr what it does. */
function ensureRedis(): void {
  spawnSync(process.execPath, ['scripts/ensure-programs.mjs', 'redis-server'], { stdio: ['ignore', 2, 2] });
}
