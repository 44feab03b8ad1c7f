/** Starts the benchmark's own Redis and PostgreSQL, durable as in production; they end with this process. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { Redis } from 'ioredis';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.js';
import { type EmbeddedRedisOptions, startEmbeddedRedis } from '../../src/embedded/redis.js';
import { createLogger } from '../../src/log.js';

export interface BenchRedis {
  /** What the server is given: REDIS_URL, or REDIS_CLUSTER_NODES for a Redis Cluster. */
  readonly env: Readonly<Record<string, string>>;
  /** Removes what an earlier system left. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface Backing {
  readonly redis: BenchRedis;
  /** The PostgreSQL server; each population has a database of its own on it. */
  readonly postgresUrl: string;
  close(): Promise<void>;
}

const DATA_DIR = resolve('.data/bench');
/** Counts the statements that the reconnect workload asks about. */
const FLAGS = ['-c', 'shared_preload_libraries=pg_stat_statements'];

const log = createLogger('warn');

/** @throws StartupError with one clear line. */
export async function startBacking(): Promise<Backing> {
  // Installs Redis where that takes no question, and says on stderr what it does.
  spawnSync(process.execPath, ['scripts/ensure-programs.mjs', 'redis-server'], { stdio: ['ignore', 2, 2] });
  const redis = await startRedis();
  const postgres = await startEmbeddedPostgres({ dataDir: DATA_DIR, log, flags: FLAGS });
  return {
    redis,
    postgresUrl: postgres.url,
    async close() {
      await redis.close();
      await postgres.close();
    },
  };
}

export async function startRedis(): Promise<BenchRedis> {
  const { url, client, close } = await startRedisServer();
  return { env: { REDIS_URL: url }, clear: async () => void (await client.flushall()), close };
}

/** A redis-server with a client of it; both end with `close`. */
export async function startRedisServer(options: Partial<EmbeddedRedisOptions> = {}) {
  const server = await startEmbeddedRedis({ log, ...options });
  if (server === null) throw new Error('The benchmark needs redis-server or valkey-server on PATH.');
  const client = new Redis(server.url);
  return {
    ...server,
    client,
    async close() {
      client.disconnect();
      await server.close();
    },
  };
}

export type RedisServer = Awaited<ReturnType<typeof startRedisServer>>;
