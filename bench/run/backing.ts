/** Redis and PostgreSQL of the benchmark's own, durable as in production; they end with this process. */
import { resolve } from 'node:path';
import { Redis } from 'ioredis';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.js';
import { startEmbeddedRedis } from '../../src/embedded/redis.js';
import { createLogger } from '../../src/log.js';

export interface Backing {
  readonly redisUrl: string;
  /** The PostgreSQL server; populations have databases of their own on it. */
  readonly postgresUrl: string;
  /** Empties Redis, so that no system finds what another one left. */
  clearRedis(): Promise<void>;
  close(): Promise<void>;
}

const DATA_DIR = resolve('.data/bench');
/** Counts the statements that the reconnect workload asks about. */
const FLAGS = ['-c', 'shared_preload_libraries=pg_stat_statements'];

/** @throws StartupError with one clear line. */
export async function startBacking(): Promise<Backing> {
  const log = createLogger('warn');
  const redis = await startEmbeddedRedis({ log });
  if (redis === null) throw new Error('The benchmark needs redis-server or valkey-server on PATH.');
  const postgres = await startEmbeddedPostgres({ dataDir: DATA_DIR, log, flags: FLAGS });
  const client = new Redis(redis.url);
  return {
    redisUrl: redis.url,
    postgresUrl: postgres.url,
    clearRedis: async () => void (await client.flushall()),
    close: async () => {
      client.disconnect();
      await redis.close();
      await postgres.close();
    },
  };
}
