/** The ratios to reach, and how far this run came. */
import { latencyP99Ms, microsPerChange, microsPerUpdate, type Results, runsOf } from '../results.js';
import { type Spread, spreadOf } from '../run/statistics.js';
import type { SystemName } from '../systems.js';
import type { SteadyRun } from '../workloads/steady.js';

export interface Target {
  readonly what: string;
  /** Null when this run did not measure it. */
  readonly measured: Spread | null;
  readonly bar: number;
  readonly atLeast?: boolean;
  readonly unit: string;
}

export function isReached({ measured, bar, atLeast = false }: Target): boolean | null {
  if (measured === null) return null;
  return atLeast ? measured.median >= bar : measured.median <= bar;
}

export function targetsOf(results: Results): Target[] {
  /** Window against window, since they came in turn; a ratio's spread is that of its windows. */
  const ratio = (
    workload: string,
    ours: SystemName,
    other: SystemName,
    value: (run: SteadyRun) => number,
    base = workload,
  ): Spread | null => {
    const others = runsOf(results, base, other);
    const ratios = runsOf(results, workload, ours).flatMap((run, index) => {
      const against = others[index];
      return against === undefined ? [] : [value(run) / value(against)];
    });
    return ratios.length === 0 ? null : spreadOf(ratios);
  };
  const cost = microsPerChange;
  const of = (values: readonly number[]): Spread | null => (values.length === 0 ? null : spreadOf(values));
  const reconnect = results.reconnect.filter(({ population }) => population === 'reconnect');

  return [
    t('dense, CPU per change, every change sent: of the floor', ratio('dense', 'ours-0', 'floor', cost), 1.2),
    t('dense, CPU per change, every change sent: of stock Yoga', ratio('dense', 'ours-0', 'yoga', cost), 0.5),
    t('dense, CPU per change, 1 s frames: of the floor', ratio('dense', 'ours-1000', 'floor', cost), 0.5),
    t(
      'dense at 250 updates/s, CPU per change, every change sent: of the floor',
      ratio('dense-busy', 'ours-0', 'floor', cost),
      1.2,
    ),
    t(
      'dense at 250 updates/s, CPU per change, 1 s frames: of the floor',
      ratio('dense-busy', 'ours-1000', 'floor', cost),
      0.5,
    ),
    t('cadence, CPU per change, 1 s frames: of the floor', ratio('cadence', 'ours-1000', 'floor', cost), 0.8),
    t(
      'cadence, latency p99, 1 s frames',
      of(runsOf(results, 'cadence', 'ours-1000').map(latencyP99Ms)),
      1_200,
      'ms',
    ),
    t(
      'sparse, CPU per update, every change sent: of the floor',
      ratio('sparse', 'ours-0', 'floor', microsPerUpdate),
      1.2,
    ),
    t(
      'sparse, CPU per update, every change sent: of stock Yoga',
      ratio('sparse', 'ours-0', 'yoga', microsPerUpdate),
      0.5,
    ),
    t(
      'sparse, CPU per update, 1 s frames: of the floor',
      ratio('sparse', 'ours-1000', 'floor', microsPerUpdate),
      0.9,
    ),
    t('memory per connection, 40 friends: of the floor', memoryRatio(results, 'floor'), 1.5),
    t('memory per connection, 40 friends: of stock Yoga', memoryRatio(results, 'yoga'), 0.5),
    t('memory per connection, 400 friends of whom 40 are there: more', moreMemory(results), 20, 'kB'),
    t('latency p99 where Yoga is at 50 % CPU: more than the floor', moreLatency(results), 5, 'ms'),
    t(
      'cost per change, 10,000 subscribers: of 1,000',
      ratio('cadence', 'ours-1000', 'ours-1000', cost, 'cadence-small'),
      1.15,
    ),
    t('reconnect: all have their snapshot', of(reconnect.map(({ seconds }) => seconds)), 10, 's'),
    t('reconnect: friend queries per user', of(reconnect.map((run) => run.friendQueriesPerClient)), 1),
    t('reconnect: event-loop delay p99', of(reconnect.map((run) => run.eventLoopDelayP99Ms)), 200, 'ms'),
    { ...t('history: of the rows a second of COPY', historyRatio(results), 0.5), atLeast: true },
  ];
}

function t(what: string, measured: Spread | null, bar: number, unit = ''): Target {
  return { what, measured, bar, unit };
}

function memoryRatio(results: Results, other: SystemName): Spread | null {
  const others = kilobytes(results, 'present_friends', other);
  const ratios = kilobytes(results, 'present_friends', 'ours-1000').map(
    (value, index) => value / (others[index] ?? NaN),
  );
  return others.length === 0 || ratios.length === 0 ? null : spreadOf(ratios);
}

function moreMemory(results: Results): Spread | null {
  const few = kilobytes(results, 'present_friends', 'ours-1000');
  const more = kilobytes(results, 'absent_friends', 'ours-1000').map(
    (value, index) => value - (few[index] ?? NaN),
  );
  return few.length === 0 || more.length === 0 ? null : spreadOf(more);
}

function kilobytes({ memory }: Results, population: string, system: SystemName): number[] {
  return memory
    .filter((run) => run.population === population && run.system === system)
    .map((run) => run.kilobytesPerClient);
}

function moreLatency(results: Results): Spread | null {
  const floor = runsOf(results, 'latency', 'floor').map(latencyP99Ms);
  const more = runsOf(results, 'latency', 'ours-0').map(
    (run, index) => latencyP99Ms(run) - (floor[index] ?? NaN),
  );
  return floor.length === 0 || more.length === 0 ? null : spreadOf(more);
}

function historyRatio({ history }: Results): Spread | null {
  const rates = (way: string): number[] =>
    history.filter((run) => run.way === way).map(({ rowsPerSecond }) => rowsPerSecond);
  const copies = rates('copy');
  const ratios = rates('buffer').map((rate, index) => rate / (copies[index] ?? NaN));
  return ratios.length === 0 ? null : spreadOf(ratios);
}
