/** A Redis of its own, empty, on the core of what is measured, with its own accounts of CPU, memory and network. */
import { Redis } from 'ioredis';
import {
  commandOptions,
  connectRedis,
  connectRedisCluster,
  type RedisCommands,
} from '../../src/adapters/redis/redis-client.js';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../src/embedded/redis.js';
import { createLogger } from '../../src/log.js';
import type { Cores } from './cores.js';
import { startRedisCluster } from './redis-cluster.js';

/** By itself, or the one master of a Redis Cluster. */
export type RedisKind = 'plain' | 'sharded';

export interface MeasuredRedis {
  readonly kind: RedisKind;
  readonly url: string;
  /** A server's connection for commands, which ends with the Redis. */
  connect(): Promise<RedisCommands>;
  /** What it has used since its start. */
  accounts(): Promise<RedisAccounts>;
}

export interface RedisAccounts {
  /** Of all its threads, user and system, microseconds. */
  readonly cpuMicros: number;
  /** What was allocated, with what the allocator rounds up. */
  readonly memoryBytes: number;
  /** Sent to all clients. */
  readonly sentBytes: number;
}

const log = createLogger('warn');

/** Ends the Redis after `work`, whatever happens. */
export async function withMeasuredRedis<T>(
  cores: Cores,
  kind: RedisKind,
  work: (redis: MeasuredRedis) => Promise<T>,
): Promise<T> {
  const { master, close } = await start(kind);
  cores.moveToServer(master.pid);
  const { url } = master;
  const asking = new Redis(url);
  const connections: RedisCommands[] = [asking];
  try {
    return await work({
      kind,
      url,
      async connect() {
        const connection =
          kind === 'plain'
            ? await connectRedis(url, commandOptions, log)
            : await connectRedisCluster([new URL(url)], log);
        connections.push(connection);
        return connection;
      },
      accounts: async () => accountsIn(await asking.info()),
    });
  } finally {
    for (const connection of connections) connection.disconnect();
    await close();
  }
}

async function start(kind: RedisKind): Promise<{ master: EmbeddedRedis; close: () => Promise<void> }> {
  if (kind === 'plain') {
    const master = await startEmbeddedRedis({ log });
    if (master === null) throw new Error('The benchmark needs redis-server or valkey-server on PATH.');
    return { master, close: () => master.close() };
  }
  const { masters, close } = await startRedisCluster(1);
  const [master] = masters;
  if (master === undefined) throw new Error('A cluster without a master');
  return { master, close };
}

function accountsIn(info: string): RedisAccounts {
  const value = (name: string): number => Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? NaN);
  return {
    cpuMicros: (value('used_cpu_user') + value('used_cpu_sys')) * 1e6,
    memoryBytes: value('used_memory'),
    sentBytes: value('total_net_output_bytes'),
  };
}
