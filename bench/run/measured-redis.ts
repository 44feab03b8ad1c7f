/** A Redis of its own, empty, on the core of what is measured, with its own accounts of CPU, memory and network. */
import { Redis } from 'ioredis';
import { startEmbeddedRedis } from '../../src/embedded/redis.js';
import { createLogger } from '../../src/log.js';
import type { Cores } from './cores.js';

export interface MeasuredRedis {
  readonly url: string;
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

/** Ends the Redis after `work`, whatever happens. @param settings lines of redis.conf. */
export async function withMeasuredRedis<T>(
  cores: Cores,
  settings: readonly string[],
  work: (redis: MeasuredRedis) => Promise<T>,
): Promise<T> {
  const server = await startEmbeddedRedis({ log: createLogger('warn'), settings });
  if (server === null) throw new Error('The benchmark needs redis-server or valkey-server on PATH.');
  cores.moveToServer(server.pid);
  const client = new Redis(server.url);
  try {
    return await work({ url: server.url, accounts: async () => accountsIn(await client.info()) });
  } finally {
    client.disconnect();
    await server.close();
  }
}

function accountsIn(info: string): RedisAccounts {
  const value = (name: string): number => Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? NaN);
  return {
    cpuMicros: (value('used_cpu_user') + value('used_cpu_sys')) * 1e6,
    memoryBytes: value('used_memory'),
    sentBytes: value('total_net_output_bytes'),
  };
}
