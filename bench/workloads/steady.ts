/** Users move at a steady rate, and the server's cost of it is measured: the same offered load for every system. */
import { type Bench, connect, withSystem } from '../bench.js';
import type { RunResult } from '../load/commands.js';
import { type Memory, memoryOf } from '../run/process-usage.js';
import type { System } from '../systems.js';
import type { PeopleInDatabase } from './people-in-database.js';

export interface SteadyWorkload {
  readonly name: string;
  readonly people: PeopleInDatabase;
  readonly systems: readonly System[];
  readonly updatesPerSecond: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  readonly repetitions: number;
}

/** One run of one system. */
export interface SteadyRun {
  readonly workload: string;
  readonly system: System['name'];
  readonly repetition: number;
  readonly updatesPerSecond: number;
  readonly clients: number;
  readonly run: RunResult;
  readonly memory: Memory;
  /** What makes the numbers doubtful; empty when nothing does. */
  readonly doubts: readonly string[];
}

/** Repetitions alternate: A B C, A B C, …, so that a slow spell of the machine hits all of them. */
export async function runSteady(bench: Bench, workload: SteadyWorkload): Promise<SteadyRun[]> {
  const { name, people, updatesPerSecond, warmupSeconds, seconds } = workload;
  const runs: SteadyRun[] = [];
  bench.progress.expect(workload.repetitions * workload.systems.length);
  for (let repetition = 1; repetition <= workload.repetitions; repetition++) {
    for (const system of workload.systems) {
      bench.progress.step(`${name}: ${system.label}, repetition ${repetition} of ${workload.repetitions}`);
      const { run, memory } = await withSystem(bench, system, people, async ({ target, pid }) => {
        await connect(bench, target, people);
        const options = { updatesPerSecond, warmupSeconds, seconds };
        return { run: await bench.load.ask({ kind: 'run', options }), memory: memoryOf(pid) };
      });
      const doubts = doubtsAbout(run, bench);
      const clients = people.population.connected;
      runs.push({
        workload: name,
        system: system.name,
        repetition,
        updatesPerSecond,
        clients,
        run,
        memory,
        doubts,
      });
    }
  }
  return runs;
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
