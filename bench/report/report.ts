/** Writes the report for the terminal: one table for each workload, what is doubtful, and which bars are reached. */
import { microsPerChange, microsPerUpdate, type Results, runsOf } from '../results.js';
import { median } from '../run/statistics.js';
import { systemNamed } from '../systems.js';
import type { BurstsRun } from '../workloads/bursts.js';
import type { SteadyRun } from '../workloads/steady.js';
import type { TopicsRun } from '../workloads/topics.js';
import { barsTable, ratioOf } from './bars.js';
import { realGraphTables } from './realgraph.js';
import { digits, range, table } from './table.js';

export function report(results: Results): string {
  const { machine } = results;
  const parts = [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, revision ${machine.gitRevision}; ` +
      (machine.pinned
        ? 'the server under test has a core of its own'
        : 'NOTHING PINNED: the systems share cores'),
    ...distinct(results.steady.map(({ workload }) => workload)).map((name) => steadyTable(results, name)),
    memoryTable(results),
    reconnectTable(results),
    historyTable(results),
    topicsTable(results),
    burstsTable(results),
    realGraphTables(results),
    ...results.failures,
    doubts(results),
    barsTable(results),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Has a column of ratios for each system that is not of this checkout. */
function steadyTable(results: Results, workload: string): string {
  const windows = results.steady.filter((run) => run.workload === workload);
  const names = distinct(windows.map((run) => run.system));
  const bases = names.filter((name) => !name.startsWith('ours') || name.includes('@'));
  const of = workload === 'sparse' ? microsPerUpdate : microsPerChange;
  const rows = names.map((name) => {
    const runs = runsOf(results, workload, name);
    const typical = (value: (run: SteadyRun) => number): string => digits(median(runs.map(value)));
    return [
      systemNamed(name).label,
      range(runs.map(microsPerChange)),
      range(runs.map(microsPerUpdate)),
      ...bases.map((base) => (base === name ? '' : range(ratioOf(results, workload, name, base, of)))),
      typical(({ run }) => run.messages / run.seconds),
      typical(({ run }) => (run.serverCpuSeconds / run.seconds) * 100),
      typical(({ run }) => run.latencyMs.p50),
      typical(({ run }) => run.latencyMs.p99),
      typical(({ rssBytes }) => rssBytes / 1e6),
    ];
  });
  const head = ['', 'µs/change', 'µs/update', ...bases.map((base) => `of ${base}`)];
  return (
    `${workload}: ${windows[0]?.clients} clients, ${digits(windows[0]?.updatesPerSecond ?? NaN)} updates/s\n` +
    table([...head, 'messages/s', 'CPU %', 'p50 ms', 'p99 ms', 'RSS MB'], rows)
  );
}

function memoryTable({ memory }: Results): string {
  if (memory.length === 0) return '';
  const rows = distinct(memory.map(({ population, system }) => `${population} ${system}`)).map((key) => {
    const runs = memory.filter(({ population, system }) => key === `${population} ${system}`);
    return [key, String(runs[0]?.clients), range(runs.map((run) => run.kilobytesPerClient))];
  });
  return `memory of subscribed connections\n${table(['', 'clients', 'kB each'], rows)}`;
}

function reconnectTable({ reconnect }: Results): string {
  if (reconnect.length === 0) return '';
  const rows = reconnect.map((run) => [
    `${run.population} ${run.system}`,
    String(run.clients),
    digits(run.seconds),
    `${run.snapshotEntries} of ${run.snapshotEntriesExpected}`,
    digits(run.friendQueriesPerClient),
    digits(run.eventLoopDelayP99Ms),
    digits(run.serverCpuSeconds),
  ]);
  const head = [
    '',
    'clients',
    'seconds',
    'friends in snapshots',
    'friend queries/client',
    'loop p99 ms',
    'CPU s',
  ];
  return `reconnect: 400 friends each\n${table(head, rows)}`;
}

function historyTable({ history }: Results): string {
  if (history.length === 0) return '';
  const rows = distinct(history.map(({ way }) => way)).map((way) => {
    const runs = history.filter((run) => run.way === way);
    const bytes = (['table', 'index', 'ids', 'wal'] as const).map((name) =>
      digits(median(runs.map(({ bytesPerRow }) => bytesPerRow[name]))),
    );
    return [way, range(runs.map(({ rowsPerSecond }) => rowsPerSecond)), ...bytes];
  });
  return `history\n${table(['', 'rows/s', 'bytes/row', 'of index', 'of ids', 'of log'], rows)}`;
}

function topicsTable({ topics }: Results): string {
  if (topics.length === 0) return '';
  const names = Object.keys(topics[0] ?? {}) as (keyof TopicsRun)[];
  return `topics\n${table(
    ['', 'median'],
    names.map((name) => [name, range(topics.map((run) => run[name]))]),
  )}`;
}

/** Of each system and rhythm what one update takes. */
function burstsTable({ bursts }: Results): string {
  if (bursts.length === 0) return '';
  const rows = distinct(bursts.map(({ system, rhythm }) => `${system} ${rhythm}`)).map((key) => {
    const runs = bursts.filter(({ system, rhythm }) => key === `${system} ${rhythm}`);
    const of = (value: (run: BurstsRun) => number): string => range(runs.map(value));
    return [
      key,
      of((run) => run.serverMicros),
      of((run) => run.serverReads),
      of((run) => run.serverWrites),
      of((run) => run.redisMicros),
      of((run) => run.redisReads),
      of((run) => run.redisWrites),
      of((run) => run.latencyP50Ms),
      of((run) => run.latencyP99Ms),
    ];
  });
  const head = ['server µs', 'reads', 'writes', 'Redis µs', 'reads', 'writes', 'p50 ms', 'p99 ms'];
  return `bursts, for each update\n${table(['', ...head], rows)}`;
}

function doubts({ steady }: Results): string {
  const lines = steady.flatMap(({ workload, system, window, doubts: found }) =>
    found.map((doubt) => `  ${workload}, ${system}, window ${window}: ${doubt}`),
  );
  return lines.length === 0 ? '' : `Doubtful:\n${lines.join('\n')}`;
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
