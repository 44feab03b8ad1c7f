/** A Redis Cluster of masters alone, each with an equal part of the slots; they end with this process. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../src/embedded/free-port.js';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../src/embedded/redis.js';
import { createLogger } from '../../src/log.js';

export interface RedisCluster {
  readonly masters: readonly EmbeddedRedis[];
  /** What REDIS_CLUSTER_NODES takes. */
  readonly nodes: string;
  /** Empties all masters. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const SLOTS = 16_384;
const POLL_MS = 50;
const START_TIMEOUT_MS = 30_000;

export async function startRedisCluster(count: number): Promise<RedisCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-bench-'));
  const password = randomUUID();
  const masters: EmbeddedRedis[] = [];
  const busPorts: number[] = [];
  const clients: Redis[] = [];
  const cluster: RedisCluster = {
    masters,
    get nodes() {
      return masters.map(({ url }) => url).join(',');
    },
    clear: async () => void (await Promise.all(clients.map((client) => client.flushall()))),
    async close() {
      for (const client of clients) client.disconnect();
      await Promise.all(masters.map((master) => master.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    for (let index = 0; index < count; index++) {
      const busPort = await freePort();
      const master = await startMaster(folder, password, index, busPort);
      masters.push(master);
      busPorts.push(busPort);
      const client = new Redis(master.url);
      clients.push(client);
      const [from = 0, to = SLOTS] = [index, index + 1].map((nth) => Math.floor((nth * SLOTS) / count));
      await client.cluster('ADDSLOTSRANGE', from, to - 1);
      await client.cluster('SET-CONFIG-EPOCH', index + 1);
      if (index > 0)
        await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', String(master.port), String(busPort));
    }
    await untilWhole(clients);
    return cluster;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

async function startMaster(
  folder: string,
  password: string,
  index: number,
  busPort: number,
): Promise<EmbeddedRedis> {
  const settings = [
    'cluster-enabled yes',
    `cluster-port ${busPort}`,
    `cluster-config-file ${join(folder, `nodes-${index}.conf`)}`,
    'cluster-announce-ip 127.0.0.1',
    // A busy machine must not make them take each other for dead.
    'cluster-node-timeout 60000',
  ];
  const master = await startEmbeddedRedis({ log: createLogger('warn'), password, settings });
  if (master === null) throw new Error('The benchmark needs redis-server or valkey-server on PATH.');
  return master;
}

/** Every master knows all and their slots. */
async function untilWhole(clients: readonly Redis[]): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  for (const client of clients) {
    for (;;) {
      const info = await client.cluster('INFO');
      if (info.includes('cluster_state:ok') && info.includes(`cluster_size:${clients.length}\r\n`)) break;
      if (Date.now() > deadlineMs) throw new Error('The Redis Cluster does not come up');
      await sleep(POLL_MS);
    }
  }
}
