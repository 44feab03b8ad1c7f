/** The limits that the benchmark holds this server to, and what this run measured. */
import { microsPerChange, microsPerUpdate, type Results, runsOf } from '../results.js';
import { median } from '../run/statistics.js';
import type { SteadyRun } from '../workloads/steady.js';
import { realGraphBars } from './realgraph.js';
import { range, table } from './table.js';

export function barsTable(results: Results): string {
  const rows = barsOf(results)
    .filter(([, values]) => values.length > 0)
    .map(([what, values, bar, sign = '≤']) => {
      const isReached = sign === '≤' ? median(values) <= bar : median(values) >= bar;
      return [what, range(values), `${sign} ${bar.toLocaleString('en-US')}`, isReached ? 'yes' : 'NO'];
    });
  return rows.length === 0 ? '' : `Bars\n${table(['', 'measured', 'bar', 'reached'], rows)}`;
}

/** Divides window by window, since the systems took turns. @param workloadOfBase differs where two loads are compared. */
export function ratioOf(
  results: Results,
  workload: string,
  system: string,
  base: string,
  of: (run: SteadyRun) => number,
  workloadOfBase = workload,
): number[] {
  return pairs(runsOf(results, workload, system), runsOf(results, workloadOfBase, base)).map(
    ([run, other]) => of(run) / of(other),
  );
}

/** What is measured, the values of this run, and the bar for their median: the highest allowed, or the lowest for ≥. */
export type Bar = readonly [what: string, values: readonly number[], bar: number, sign?: '≤' | '≥'];

function barsOf(results: Results): Bar[] {
  const cost = (workload: string, system: string, base: string, bar: number): Bar => {
    const [of, unit] =
      workload === 'sparse' ? ([microsPerUpdate, 'update'] as const) : ([microsPerChange, 'change'] as const);
    const values = ratioOf(results, workload, system, base, of);
    return [`${workload}: CPU per ${unit}, ${system} of ${base}`, values, bar];
  };
  const approximate = (workload: string): Bar => [
    `${workload}: CPU per update, everybody approximate of nobody`,
    ratioOf(results, workload, 'ours-1000-approximate', 'ours-1000', microsPerUpdate),
    1.3,
  ];
  const latency = (workload: string, system: string): number[] =>
    runsOf(results, workload, system).map(({ run }) => run.latencyMs.p99);
  const memory = (population: string, system: string): number[] =>
    results.memory
      .filter((run) => run.population === population && run.system === system)
      .map((run) => run.kilobytesPerClient);
  const ours = memory('present_friends', 'ours-1000');
  const reconnect = results.reconnect.filter(({ population }) => population === 'reconnect');
  const rows = (way: string): number[] =>
    results.history.filter((run) => run.way === way).map(({ rowsPerSecond }) => rowsPerSecond);

  return [
    cost('dense', 'ours-0', 'floor', 1.2),
    cost('dense', 'ours-0', 'yoga', 0.5),
    cost('dense', 'ours-1000', 'floor', 0.5),
    approximate('dense'),
    approximate('sparse'),
    cost('dense-busy', 'ours-0', 'floor', 1.2),
    cost('dense-busy', 'ours-1000', 'floor', 0.5),
    cost('cadence', 'ours-1000', 'floor', 0.8),
    cost('sparse', 'ours-0', 'floor', 1.2),
    cost('sparse', 'ours-0', 'yoga', 0.5),
    cost('sparse', 'ours-1000', 'floor', 0.9),
    [
      'cost per change, 10,000 clients of 1,000',
      ratioOf(results, 'cadence', 'ours-1000', 'ours-1000', microsPerChange, 'cadence-small'),
      1.15,
    ],
    ['cadence: latency p99, ms', latency('cadence', 'ours-1000'), 1_200],
    [
      'latency: p99 more than the floor, ms',
      pairs(latency('latency', 'ours-0'), latency('latency', 'floor')).map(([a, b]) => a - b),
      5,
    ],
    ['memory: of floor', pairs(ours, memory('present_friends', 'floor')).map(([a, b]) => a / b), 1.5],
    ['memory: of yoga', pairs(ours, memory('present_friends', 'yoga')).map(([a, b]) => a / b), 0.5],
    [
      'memory: 360 absent friends more, kB',
      pairs(memory('absent_friends', 'ours-1000'), ours).map(([a, b]) => a - b),
      20,
    ],
    ['reconnect: seconds until all have their list', reconnect.map(({ seconds }) => seconds), 10],
    ['reconnect: friend queries per client', reconnect.map((run) => run.friendQueriesPerClient), 1],
    ['reconnect: event-loop delay p99, ms', reconnect.map((run) => run.eventLoopDelayP99Ms), 200],
    ['history: rows a second of COPY', pairs(rows('batches'), rows('copy')).map(([a, b]) => a / b), 0.5, '≥'],
    ...realGraphBars(results),
  ];
}

function pairs<T>(values: readonly T[], others: readonly T[]): (readonly [T, T])[] {
  return values.slice(0, others.length).map((value, index) => [value, others[index] as T]);
}
