/** The report on the terminal: one table for each workload, what is doubtful, and what is reached. */
import { cpuShare, microsPerChange, microsPerUpdate, type Results, runsOf } from '../results.js';
import { spreadOf } from '../run/statistics.js';
import { type SystemName, systemNamed } from '../systems.js';
import type { HistoryRun } from '../workloads/history.js';
import type { SteadyRun } from '../workloads/steady.js';
import { digits, table } from './table.js';
import { isReached, targetsOf } from './targets.js';
import { topicsTable } from './topics-table.js';

export function report(results: Results): string {
  const { machine } = results;
  const parts = [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, revision ${machine.gitRevision}` +
      (machine.pinned
        ? '; the server under test on a core of its own'
        : '; NOTHING PINNED: the systems share cores'),
    ...distinct(results.steady.map(({ workload }) => workload)).map((name) => steadyTable(results, name)),
    memoryTable(results),
    reconnectTable(results),
    historyTable(results),
    topicsTable(results),
    ...results.notes.map((note) => `Note: ${note}.`),
    doubts(results),
    targetsTable(results),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function steadyTable(results: Results, workload: string): string {
  const names = distinct(results.steady.filter((run) => run.workload === workload).map((run) => run.system));
  const [first] = results.steady.filter((run) => run.workload === workload);
  const rows = names.map((name) => steadyRow(name, runsOf(results, workload, name)));
  return (
    `${workload}: ${first?.clients.toLocaleString('en-US')} clients, ${digits(first?.updatesPerSecond ?? NaN)} updates/s\n` +
    table(
      [
        '',
        'µs/change',
        'from–to',
        'µs/update',
        'changes/s',
        'messages/s',
        'CPU %',
        'p50 ms',
        'p99 ms',
        'RSS MB',
      ],
      rows,
    )
  );
}

function steadyRow(name: SystemName, runs: readonly SteadyRun[]): string[] {
  const median = (value: (run: SteadyRun) => number): string => digits(spreadOf(runs.map(value)).median);
  const { min, max } = spreadOf(runs.map(microsPerChange));
  return [
    systemNamed(name).label,
    median(microsPerChange),
    `${digits(min)}–${digits(max)}`,
    median(microsPerUpdate),
    median(({ run }) => run.changes / run.seconds),
    median(({ run }) => run.messages / run.seconds),
    median((run) => cpuShare(run) * 100),
    median(({ run }) => run.latencyMs.p50),
    median(({ run }) => run.latencyMs.p99),
    median(({ memory }) => memory.rssBytes / 1e6),
  ];
}

function memoryTable({ memory }: Results): string {
  if (memory.length === 0) return '';
  const rows = distinct(memory.map((run) => `${run.population}\n${run.system}`)).map((key) => {
    const runs = memory.filter((run) => `${run.population}\n${run.system}` === key);
    const { median, min, max } = spreadOf(runs.map((run) => run.kilobytesPerClient));
    const [population = '', system = ''] = key.split('\n');
    return [
      `${systemNamed(system as SystemName).label}${FRIENDS_OF[population] ?? ''}`,
      String(runs[0]?.clients),
      digits(median),
      `${digits(min)}–${digits(max)}`,
    ];
  });
  return `memory of subscribed connections\n${table(['', 'clients', 'kB each', 'from–to'], rows)}`;
}

/** What is said of populations whose 40 friends are not all. */
const FRIENDS_OF: Readonly<Record<string, string>> = {
  absent_friends: ', and 360 friends who are not there',
  scattered: ', 400 friends of their own who are not here',
};

function reconnectTable({ reconnect }: Results): string {
  if (reconnect.length === 0) return '';
  const rows = reconnect.map((run) => [
    run.population,
    String(run.clients),
    digits(run.seconds),
    `${run.snapshotEntries} of ${run.snapshotEntriesExpected}`,
    digits(run.friendQueriesPerClient),
    digits(run.eventLoopDelayP99Ms),
    digits(run.serverCpuSeconds),
  ]);
  return (
    'reconnect: 400 friends each\n' +
    table(
      [
        '',
        'clients',
        'seconds',
        'friends in snapshots',
        'friend queries/client',
        'loop delay p99 ms',
        'CPU s',
      ],
      rows,
    )
  );
}

function historyTable({ history }: Results): string {
  if (history.length === 0) return '';
  const rows = Object.entries(WAYS_OF_HISTORY).map(([way, label]) => {
    const runs = history.filter((run) => run.way === way);
    const median = (value: (run: HistoryRun) => number): string => digits(spreadOf(runs.map(value)).median);
    return [
      label,
      median((run) => run.rowsPerSecond),
      median(({ bytesPerRow }) => bytesPerRow.table),
      median(({ bytesPerRow }) => bytesPerRow.index),
      median(({ bytesPerRow }) => bytesPerRow.ids),
      median(({ bytesPerRow }) => bytesPerRow.wal),
    ];
  });
  return `history\n${table(['', 'rows/s', 'bytes/row', 'of index', 'of ids', 'of log'], rows)}`;
}

const WAYS_OF_HISTORY: Readonly<Record<HistoryRun['way'], string>> = {
  buffer: 'group commits',
  claimed: "group commits, clients' own ids",
  copy: 'COPY',
};

function doubts({ steady }: Results): string {
  const lines = steady.flatMap(({ workload, system, window, doubts: found }) =>
    found.map((doubt) => `  ${workload}, ${system}, window ${window}: ${doubt}`),
  );
  return lines.length === 0 ? '' : `Doubtful:\n${lines.join('\n')}`;
}

function targetsTable(results: Results): string {
  const rows = targetsOf(results).map((target) => {
    const { what, measured, bar, unit, atLeast = false } = target;
    const reached = isReached(target);
    return [
      what,
      measured === null ? 'not run' : `${digits(measured.median)} ${unit}`.trim(),
      measured === null ? '' : `${digits(measured.min)}–${digits(measured.max)}`,
      `${atLeast ? '≥' : '≤'} ${bar.toLocaleString('en-US')} ${unit}`.trim(),
      reached === null ? '' : reached ? 'yes' : 'NO',
    ];
  });
  return `To reach\n${table(['', 'measured', 'from–to', 'bar', 'reached'], rows)}`;
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
