/** Starts a Redis Cluster of masters alone, each with an equal part of the slots; they end with this process. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/embedded/free-port.js';
import { PREFIX } from '../load/elsewhere.js';
import { type BenchRedis, type RedisServer, startRedisServer } from './backing.js';

export interface RedisCluster extends BenchRedis {
  readonly masters: readonly RedisServer[];
}

const SLOTS = 16_384;
const POLL_MS = 50;
const START_TIMEOUT_MS = 30_000;

export async function startRedisCluster(count: number): Promise<RedisCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-bench-'));
  const password = randomUUID();
  const masters: RedisServer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(masters.map((master) => master.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (let index = 0; index < count; index++) {
      const busPort = await freePort();
      const settings = [
        'cluster-enabled yes',
        `cluster-port ${busPort}`,
        `cluster-config-file ${join(folder, `nodes-${index}.conf`)}`,
        'cluster-announce-ip 127.0.0.1',
        // A busy machine must not make the masters take each other for dead.
        'cluster-node-timeout 60000',
      ];
      const master = await startRedisServer({ password, settings });
      masters.push(master);
      const [from = 0, to = SLOTS] = [index, index + 1].map((nth) => Math.floor((nth * SLOTS) / count));
      await master.client.cluster('ADDSLOTSRANGE', from, to - 1);
      await master.client.cluster('SET-CONFIG-EPOCH', index + 1);
      if (index > 0) {
        await masters[0]?.client.call('CLUSTER', 'MEET', '127.0.0.1', String(master.port), String(busPort));
      }
    }
    for (const { client } of masters) await untilComplete(client, count);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    masters,
    env: { REDIS_CLUSTER_NODES: masters.map(({ url }) => url).join(','), REDIS_PREFIX: PREFIX },
    clear: async () => void (await Promise.all(masters.map(({ client }) => client.flushall()))),
    close,
  };
}

/** Waits until a master knows all others and their slots. */
async function untilComplete(client: RedisServer['client'], count: number): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const info = await client.cluster('INFO');
    if (info.includes('cluster_state:ok') && info.includes(`cluster_size:${count}\r\n`)) return;
    if (Date.now() > deadlineMs) throw new Error('The Redis Cluster does not come up');
    await sleep(POLL_MS);
  }
}
