/** Several servers of one system on one Redis of their own, with a proxy before each that counts, and their clients. */
import type { Bench } from '../bench.js';
import type { PeopleInDatabase } from '../workloads/people-in-database.js';
import type { System } from '../systems.js';
import { type RedisServer, startRedisServer } from './backing.js';
import { type LoadGenerator, startLoadGenerator } from './load-generator.js';
import { startSystem, type SystemProcess } from './system-process.js';
import { JWT_PRIVATE_KEY } from './tokens.js';

export interface Fleet {
  readonly system: System;
  readonly servers: readonly SystemProcess[];
  readonly redis: RedisServer;
  /** With people of a graph, see bench/load/people. */
  readonly load: LoadGenerator;
  stop(): Promise<void>;
}

/** Of each server: many servers share the PostgreSQL of the benchmark. */
const DATABASE_CONNECTIONS = '5';

/** @param folder where the graph of the people is. */
export async function startFleet(
  { cores, settings }: Bench,
  { databaseUrlFor, usersFile }: PeopleInDatabase,
  { system, size, folder }: { readonly system: System; readonly size: number; readonly folder: string },
): Promise<Fleet> {
  const databaseUrl = await databaseUrlFor(system);
  const redis = await startRedisServer();
  const load = startLoadGenerator();
  const servers: SystemProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    load.stop();
    await redis.close();
  };
  try {
    const redisUrls = await load.call('createPeople', {
      redisUrl: redis.url,
      servers: size,
      usersFile,
      folder,
    });
    for (const REDIS_URL of redisUrls) {
      const env = {
        DATABASE_URL: databaseUrl,
        DATABASE_POOL_SIZE: DATABASE_CONNECTIONS,
        JWT_PRIVATE_KEY,
        REDIS_URL,
      };
      servers.push(
        await startSystem(system, { cores, env, nodeArgs: settings.nodeArgs, collectable: false }),
      );
    }
    return { system, servers, redis, load, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
