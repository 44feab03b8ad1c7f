/**
 * Moves users at a steady rate and measures the server's cost: the same load for every system. All systems run at once
 * and are loaded in turn in short windows: on a shared machine the cost doubles from one minute to the next, so that
 * many pairs close in time tell more than a few long runs.
 */
import { type Bench, type RunningSystem, withSystems } from '../bench.js';
import type { RunResult } from '../load/crowd.js';
import type { LocationPrecision } from '../../src/domain/sharing.js';
import { rssBytes } from '../run/process-usage.js';
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
  readonly system: string;
  readonly window: number;
  readonly updatesPerSecond: number;
  readonly clients: number;
  readonly run: RunResult;
  readonly rssBytes: number;
  /** What makes the numbers doubtful; empty when nothing does. */
  readonly doubts: readonly string[];
}

/** At low rates V8 goes on compiling for minutes, less and less. */
const WARM_UP_SECONDS = 60;
/**
 * The load before each window. V8 shrinks the heap of an idle process and throws compiled code away: for 15 s afterwards
 * it collects five times as often and compiles again.
 */
const LEAD_SECONDS = 20;

export async function runSteady(bench: Bench, workload: SteadyWorkload): Promise<SteadyRun[]> {
  const { name, people, systems, updatesPerSecond, seconds, windows } = workload;
  const { progress, settings } = bench;
  const run = ({ load }: RunningSystem, warmupSeconds: number, seconds: number): Promise<RunResult> =>
    load.call('run', { updatesPerSecond, warmupSeconds, seconds });

  progress.expect(systems.length * (windows + 1));
  return withSystems(bench, people, systems, async (running) => {
    for (const each of running) {
      progress.step(`${name}: ${each.system.label}, warm-up`);
      await each.connect();
      await run(each, 0, settings.quick ? 2 : WARM_UP_SECONDS);
    }
    const runs: SteadyRun[] = [];
    for (let window = 1; window <= windows; window++) {
      for (const each of running) {
        progress.step(`${name}: ${each.system.label}, window ${window} of ${windows}`);
        const { precision } = each.system;
        const result = await run(each, settings.quick ? 1 : LEAD_SECONDS, seconds);
        runs.push({
          workload: name,
          system: each.system.name,
          window,
          updatesPerSecond,
          clients: people.population.connected,
          run: result,
          rssBytes: rssBytes(each.pid),
          doubts: doubtsAbout(result, precision, bench),
        });
      }
    }
    return runs;
  });
}

/** Names what else may have influenced a window. */
function doubtsAbout(run: RunResult, precision: LocationPrecision, { cores }: Bench): string[] {
  const { seconds, cores: used, changesExpected, changesOfWindow } = run;
  // An approximate place does not tell which update it is of.
  const isCounted = precision === 'EXACT';
  const others = (used[cores.server]?.busySeconds ?? 0) - run.serverCpuSeconds;
  const stolen = used.reduce((sum, { stolenSeconds }) => sum + stolenSeconds, 0);
  const doubts: [boolean, string][] = [
    [run.errors > 0, `${run.errors} errors`],
    [isCounted && run.stale > 0, `${run.stale} changes out of order`],
    [
      isCounted && changesOfWindow < 0.995 * changesExpected,
      `${changesOfWindow} of ${changesExpected} changes arrived`,
    ],
    [run.serverCpuSeconds > 0.95 * seconds, 'the server was saturated'],
    [run.loadCpuSeconds > 0.85 * seconds, 'the load generator was saturated'],
    [run.sendLagP99Ms > 50, `updates were sent ${run.sendLagP99Ms.toFixed(0)} ms late`],
    [cores.pinned && others > 0.1 * seconds, `others used ${percent(others / seconds)} of the server's core`],
    [stolen > 0.03 * seconds, `the host took ${percent(stolen / seconds)} of a core`],
  ];
  return doubts.filter(([applies]) => applies).map(([, doubt]) => doubt);
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
