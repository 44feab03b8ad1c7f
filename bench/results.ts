/** All that was measured in one run of the benchmark: what the JSON file holds and the report reads. */
import type { Settings } from './bench.js';
import type { Machine } from './run/machine.js';
import type { SystemName } from './systems.js';
import type { HistoryRun } from './workloads/history.js';
import type { MemoryRun } from './workloads/memory.js';
import type { ReconnectRun } from './workloads/reconnect.js';
import type { SteadyRun } from './workloads/steady.js';
import type { TopicsRun } from './workloads/topics.js';

export interface Results {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly settings: Settings;
  readonly steady: SteadyRun[];
  readonly memory: MemoryRun[];
  readonly reconnect: ReconnectRun[];
  readonly history: HistoryRun[];
  readonly topics: TopicsRun[];
  /** Workloads and systems that were left out, and why. */
  readonly notes: string[];
}

/** The windows of one system in one workload, in order. */
export function runsOf(results: Results, workload: string, system: SystemName): SteadyRun[] {
  return results.steady.filter((run) => run.workload === workload && run.system === system);
}

export const microsPerChange = ({ run }: SteadyRun): number => (run.serverCpuSeconds * 1e6) / run.changes;
export const microsPerUpdate = ({ run }: SteadyRun): number => (run.serverCpuSeconds * 1e6) / run.updates;
export const latencyP99Ms = ({ run }: SteadyRun): number => run.latencyMs.p99;
export const cpuShare = ({ run }: SteadyRun): number => run.serverCpuSeconds / run.seconds;
