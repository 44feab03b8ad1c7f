/** Servers in this process over one real PostgreSQL and one real Redis: two of them are a cluster. */
import { identifyDatabase } from '../../src/adapters/postgres/database-identity.js';
import { createPool } from '../../src/adapters/postgres/pool.js';
import { createNames, type Names } from '../../src/adapters/redis/partitions.js';
import { type Config, readConfig } from '../../src/config.js';
import { createLogger } from '../../src/log.js';
import { type Node, type NodeOverrides, startNode } from '../../src/node.js';
import { createTestDatabase, type TestDatabase } from './postgres.js';
import { startTestRedis, type TestRedis } from './redis.js';

export interface TestCluster {
  readonly nodes: readonly Node[];
  /** The URLs of the nodes. */
  readonly urls: readonly string[];
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  /** Of every node. */
  readonly config: Config;
  /** The names that they use in Redis. */
  readonly names: Names;
  /** Ends one server, as a deployment does. */
  stop(index: number): Promise<void>;
  /** Another process in its place, at the same URL. */
  start(index: number): Promise<void>;
  close(): Promise<void>;
}

/** For users of tests, who act faster than people do. Tests of limits set their own. */
export const GENEROUS_LIMITS: Config['limits'] = {
  ...readConfig({}).limits,
  updatesPerSecond: 10_000,
  signUpsPerAddress: 100_000,
  lookupsPerUser: 100_000,
  friendRequestsPerUser: 100_000,
};

/** @param settings on top of the defaults, which are quiet and send a message for every change. */
export async function startTestCluster(
  count: number,
  settings: Partial<Config> = {},
  overrides: NodeOverrides = {},
): Promise<TestCluster> {
  const [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  const nodes: Node[] = [];
  const defaults = readConfig({});
  const config: Config = {
    ...defaults,
    limits: GENEROUS_LIMITS,
    port: 0,
    databaseUrl: database.url,
    redisUrl: redis.url,
    frameIntervalMs: 0,
    drainSeconds: 0,
    ...settings,
  };
  const log = createLogger('silent');
  const pool = createPool(database.url, { log });
  const names = createNames(config.redisPrefix ?? `nearby:${await identifyDatabase(pool)}`);
  await pool.end();
  for (let index = 0; index < count; index++) nodes.push(await startNode(config, { log, ...overrides }));
  const urls = nodes.map(({ url }) => url);
  return {
    nodes,
    urls,
    database,
    redis,
    config,
    names,
    stop: async (index) => nodes[index]?.close(),
    async start(index) {
      const port = Number(new URL(urls[index] ?? '').port);
      nodes[index] = await startNode({ ...config, port }, { log, ...overrides });
    },
    async close() {
      await Promise.all(nodes.map((node) => node.close()));
      await redis.close();
      await database.drop();
    },
  };
}
