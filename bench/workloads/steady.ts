/**
 * Users move at a steady rate, and the server's cost of it is measured: the same offered load for every system. All of
 * them are up at once, and loaded in turn in short windows: one costs up to twice as much from one minute to the next
 * on a machine that is shared, so that many pairs close in time tell more than few long runs.
 */
import { type Bench, connect, type RunningSystem, withSystems } from '../bench.js';
import type { RunResult } from '../load/commands.js';
import { type Memory, memoryOf } from '../run/process-usage.js';
import type { System } from '../systems.js';
import type { PeopleInDatabase } from './people-in-database.js';

export interface SteadyWorkload {
  readonly name: string;
  readonly people: PeopleInDatabase;
  readonly systems: readonly System[];
  readonly updatesPerSecond: number;
  readonly seconds: number;
  readonly windows: number;
}

/** One window of one system. */
export interface SteadyRun {
  readonly workload: string;
  readonly system: System['name'];
  readonly window: number;
  readonly updatesPerSecond: number;
  readonly clients: number;
  readonly run: RunResult;
  readonly memory: Memory;
  /** What makes the numbers doubtful; empty when nothing does. */
  readonly doubts: readonly string[];
}

/** At low rates V8 goes on compiling for minutes, less and less (docs/benchmark.md). */
const WARM_UP_SECONDS = 60;
/**
 * Runs before each window. V8 shrinks the heap of what rests while the others run and throws away compiled code: for 15 s
 * after it there are five times as many collections, and functions are compiled again (docs/benchmark.md).
 */
const LEAD_SECONDS = 20;

export async function runSteady(bench: Bench, workload: SteadyWorkload): Promise<SteadyRun[]> {
  const { name, people, systems, seconds, windows } = workload;
  const { progress, settings } = bench;
  progress.expect(systems.length * (windows + 1));
  return withSystems(bench, systems, people, async (running) => {
    for (const each of running) {
      progress.step(`${name}: ${each.system.label}, warm-up`);
      await connect(each.bench, each.target, people);
      await load(each, workload, 0, settings.quick ? 2 : WARM_UP_SECONDS);
    }
    const runs: SteadyRun[] = [];
    for (let window = 1; window <= windows; window++) {
      for (const each of running) {
        progress.step(`${name}: ${each.system.label}, window ${window} of ${windows}`);
        const run = await load(each, workload, settings.quick ? 1 : LEAD_SECONDS, seconds);
        runs.push({
          workload: name,
          system: each.system.name,
          window,
          updatesPerSecond: workload.updatesPerSecond,
          clients: people.population.connected,
          run,
          memory: memoryOf(each.pid),
          doubts: doubtsAbout(run, bench),
        });
      }
    }
    return runs;
  });
}

function load(
  { bench }: RunningSystem,
  { updatesPerSecond }: SteadyWorkload,
  warmupSeconds: number,
  seconds: number,
): Promise<RunResult> {
  return bench.load.ask({ kind: 'run', options: { updatesPerSecond, warmupSeconds, seconds } });
}

/** Numbers of a run that something else had a hand in. */
function doubtsAbout(run: RunResult, { cores }: Bench): string[] {
  const doubts: string[] = [];
  const { seconds, cores: used, changesExpected, changesOfWindow } = run;
  if (run.errors > 0) doubts.push(`${run.errors} errors`);
  if (run.stale > 0) doubts.push(`${run.stale} changes out of order`);
  if (changesExpected !== null && changesOfWindow < 0.995 * changesExpected) {
    doubts.push(`${changesOfWindow} of ${changesExpected} changes arrived`);
  }
  if (run.serverCpuSeconds > 0.95 * seconds) doubts.push('the server was saturated');
  if (run.loadCpuSeconds > 0.85 * seconds) doubts.push('the load generator was saturated');
  if (run.sendLagP99Ms > 50) doubts.push(`updates were sent ${run.sendLagP99Ms.toFixed(0)} ms late`);
  const others = (used[cores.server]?.busySeconds ?? 0) - run.serverCpuSeconds;
  if (cores.pinned && others > 0.1 * seconds) {
    doubts.push(`others used ${percent(others / seconds)} of the server's core`);
  }
  const stolen = used.reduce((sum, { stolenSeconds }) => sum + stolenSeconds, 0);
  if (stolen > 0.03 * seconds) doubts.push(`the host took ${percent(stolen / seconds)} of a core`);
  return doubts;
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
