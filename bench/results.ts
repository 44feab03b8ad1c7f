/** Everything that one run of the benchmark measured: the content of the JSON file and the input of the report. */
import type { Machine } from './run/machine.js';
import { systemNamed } from './systems.js';
import type { BurstsRun } from './workloads/bursts.js';
import type { HistoryRun } from './workloads/history.js';
import type { MemoryRun } from './workloads/memory.js';
import type { RealGraphRun } from './workloads/realgraph.js';
import type { ReconnectRun } from './workloads/reconnect.js';
import type { SteadyRun } from './workloads/steady.js';
import type { TopicsRun } from './workloads/topics.js';

export interface Results {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly quick: boolean;
  readonly steady: SteadyRun[];
  readonly memory: MemoryRun[];
  readonly reconnect: ReconnectRun[];
  readonly history: HistoryRun[];
  readonly topics: TopicsRun[];
  readonly bursts: BurstsRun[];
  readonly realGraph: RealGraphRun[];
  /** Workloads that failed, and why. */
  readonly failures: string[];
}

/** The windows of one system in one workload, in order. */
export function runsOf(results: Results, workload: string, system: string): SteadyRun[] {
  return results.steady.filter((run) => run.workload === workload && run.system === system);
}

/** NaN where nobody is shown exactly: an approximate place does not tell which update it is of. */
export const microsPerChange = ({ run, system }: SteadyRun): number =>
  systemNamed(system).precision === 'EXACT' ? (run.serverCpuSeconds * 1e6) / run.changes : NaN;
export const microsPerUpdate = ({ run }: SteadyRun): number => (run.serverCpuSeconds * 1e6) / run.updates;
