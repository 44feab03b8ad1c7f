/**
 * Measures what it costs the server and a Redis Cluster when eight servers elsewhere publish each update by itself, in
 * ticks that are evenly spread, and in ticks at the same moments: in turn, on one running server.
 */
import { type Bench, withSystem } from '../bench.js';
import type { Rhythm } from '../load/elsewhere.js';
import { cpuSeconds, systemCalls } from '../run/process-usage.js';
import type { RedisCluster } from '../run/redis-cluster.js';
import type { System } from '../systems.js';
import type { PeopleInDatabase } from './people-in-database.js';

export interface BurstsWorkload {
  readonly people: PeopleInDatabase;
  readonly redis: RedisCluster;
  readonly system: System;
  readonly updatesPerSecond: number;
  readonly seconds: number;
  readonly windows: number;
}

/** One window. CPU is in microseconds for each update of whomever. */
export interface BurstsRun {
  readonly system: string;
  readonly rhythm: Rhythm;
  readonly serverMicros: number;
  readonly serverReads: number;
  readonly serverWrites: number;
  /** Of all masters together. */
  readonly redisMicros: number;
  readonly redisReads: number;
  readonly redisWrites: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
}

const RHYTHMS: readonly Rhythm[] = ['alone', 'spread', 'together'];
const WARM_UP_SECONDS = 60;
const LEAD_SECONDS = 5;

export function runBursts(bench: Bench, workload: BurstsWorkload): Promise<BurstsRun[]> {
  const { people, redis, system, updatesPerSecond, seconds, windows } = workload;
  const { progress, settings } = bench;
  const masters = redis.masters.map(({ pid }) => pid);
  progress.expect(1 + windows * RHYTHMS.length);
  return withSystem(bench, system, people, async ({ connect, load, pid }) => {
    const offer = (seconds: number, rhythm: Rhythm) =>
      load.call('run', { updatesPerSecond, warmupSeconds: 0, seconds, rhythm });
    progress.step(`bursts: ${system.label}, warm-up`);
    await connect();
    await offer(settings.quick ? 2 : WARM_UP_SECONDS, 'spread');
    const runs: BurstsRun[] = [];
    for (let window = 1; window <= windows; window++) {
      for (const rhythm of RHYTHMS) {
        progress.step(`bursts: ${system.label}, ${rhythm}, window ${window} of ${windows}`);
        await offer(settings.quick ? 1 : LEAD_SECONDS, rhythm);
        const before = [usageOf([pid]), usageOf(masters)] as const;
        const { updates, latencyMs } = await offer(seconds, rhythm);
        const [server, shards] = [usageOf([pid]), usageOf(masters)];
        const each = (after: number, first: number): number => (after - first) / updates;
        runs.push({
          system: system.name,
          rhythm,
          serverMicros: each(server.micros, before[0].micros),
          serverReads: each(server.reads, before[0].reads),
          serverWrites: each(server.writes, before[0].writes),
          redisMicros: each(shards.micros, before[1].micros),
          redisReads: each(shards.reads, before[1].reads),
          redisWrites: each(shards.writes, before[1].writes),
          latencyP50Ms: latencyMs.p50,
          latencyP99Ms: latencyMs.p99,
        });
      }
    }
    return runs;
  });
}

/** What processes have used so far. */
function usageOf(pids: readonly number[]): { micros: number; reads: number; writes: number } {
  const sum = (of: (pid: number) => number): number => pids.reduce((total, pid) => total + of(pid), 0);
  return {
    micros: sum((pid) => cpuSeconds(pid) * 1e6),
    reads: sum((pid) => systemCalls(pid).reads),
    writes: sum((pid) => systemCalls(pid).writes),
  };
}
