/** The table and the bars of the workload `realgraph`. */
import type { Results } from '../results.js';
import type { Placement } from '../load/people/balancer.js';
import { systemNamed } from '../systems.js';
import type { RealGraphRun } from '../workloads/realgraph.js';
import type { Bar } from './bars.js';
import { digits, range, table } from './table.js';

/** A table for each share of people online, with a column for each system and placement. */
export const realGraphTables = (results: Results): string =>
  sharesOf(results)
    .map(([share, runs]) => tableOf(share, runs))
    .join('\n\n');

/** Compares this build with one of another checkout and with the floor, window by window. */
export const realGraphBars = (results: Results): Bar[] =>
  sharesOf(results).flatMap(([share, runs]) => barsOf(share, runs));

/** The runs with each share of people online. */
function sharesOf({ realGraph }: Results): [share: number, runs: RealGraphRun[]][] {
  const shares = distinct(realGraph.map(({ onlineShare }) => onlineShare));
  return shares.map((share) => [share, realGraph.filter(({ onlineShare }) => onlineShare === share)]);
}

function barsOf(share: number, runs: readonly RealGraphRun[]): Bar[] {
  const ofSystem = (name: string, placement: Placement = 'random'): RealGraphRun[] =>
    runs.filter((run) => run.system === name && run.placement === placement);
  const ratio = (of: Metric, some: readonly RealGraphRun[], base: readonly RealGraphRun[]): number[] =>
    some.slice(0, base.length).map((run, index) => of(run) / of(base[index] as RealGraphRun));
  const [ours, near, floor] = [ofSystem('ours-1000'), ofSystem('ours-1000', 'near'), ofSystem('floor')];
  const before = ofSystem(runs.find(({ system }) => system.startsWith('ours-1000@'))?.system ?? '');
  const wrongLists = runs.filter(({ system }) => system !== 'floor').map((run) => run.wrongLists);

  const bars: Bar[] = [
    ['messages beyond those needed, of before', ratio(beyondNeeded, ours, before), 0.3],
    ['messages to other servers, by place of at random', ratio(toOthers, near, ours), 0.5],
    ['server CPU per update, of before', ratio(cpuMicros, ours, before), 0.75],
    ['server CPU per update, of floor', ratio(cpuMicros, ours, floor), 0.45],
    ['PUBLISH per update, of before', ratio(publishes, ours, before), 1.15],
    ['lists that are wrong', [Math.max(...wrongLists)], 0],
  ];
  // With everybody online nobody comes or goes, and no friend is absent.
  if (share < 1) {
    bars.push(
      ['subscriptions per user online, of before', ratio(subscriptions, ours, before), 0.35],
      ['their memory, of before', ratio(subscriptionBytes, ours, before), 0.35],
      ['topics joined and left, of before', ratio(switches, ours, before), 0.4],
    );
  }
  return bars.map(([what, ...bar]) => [`realgraph, ${share * 100} % online: ${what}`, ...bar]);
}

type Metric = (run: RealGraphRun) => number;

const perUpdate =
  (of: Metric): Metric =>
  (run) =>
    of(run) / run.updates;
const inboxMessages: Metric = (run) => run.ownInboxMessages + run.inboxMessages;
const topicMessages: Metric = (run) => run.ownMessages + run.neededMessages + run.needlessMessages;
const beyondNeeded = perUpdate((run) => run.needlessMessages + inboxMessages(run));
const toOthers = perUpdate((run) => run.neededMessages + run.needlessMessages + run.inboxMessages);
const publishes = perUpdate((run) => run.publishes);
const cpuMicros = perUpdate((run) => run.serverCpuSeconds * 1e6);
const subscriptions: Metric = (run) => run.subscriptions / run.online;
const subscriptionBytes: Metric = (run) => run.subscriptionBytes / run.online;
const switches: Metric = (run) => ((run.joins + run.leaves) * 60) / (run.online * run.seconds);

const METRICS: readonly (readonly [what: string, of: Metric])[] = [
  ['messages from Redis per update', perUpdate((run) => topicMessages(run) + inboxMessages(run))],
  ['  on topics, to the own server', perUpdate((run) => run.ownMessages)],
  ['  to others with somebody near', perUpdate((run) => run.neededMessages)],
  ['  to others with nobody near', perUpdate((run) => run.needlessMessages)],
  ['  to inboxes', perUpdate(inboxMessages)],
  ['beyond those needed', beyondNeeded],
  ['to servers other than the own', toOthers],
  ['PUBLISH per update', publishes],
  ['joined and left per user and minute', switches],
  ['subscriptions per user online', subscriptions],
  ['their bytes', subscriptionBytes],
  ['bytes from Redis per update', perUpdate((run) => run.bytes)],
  ['server CPU per update, µs', cpuMicros],
  ['heartbeats a second', (run) => run.otherMessages / run.seconds],
];

/** Later than this, a step fits the time between two updates no more. */
const MAX_LAG_MS = 500;

const PLACED: Readonly<Record<Placement, string>> = { random: 'at random', near: 'by place' };

const nameOf = ({ system, placement }: RealGraphRun): string =>
  `${system.split('@')[0]}${system.includes('@') ? '@' : ''}, ${PLACED[placement]}`;

function tableOf(share: number, runs: readonly RealGraphRun[]): string {
  const names = distinct(runs.map(nameOf));
  const columns = names.map((name) => runs.filter((run) => nameOf(run) === name));
  const rows = METRICS.map(([what, of]) => [what, ...columns.map((column) => range(column.map(of)))]);
  const notes = columns.map((column, index) => `  ${names[index]}: ${noteOf(column)}`);
  return [`realgraph, ${share * 100} % online, four servers`, table(['', ...names], rows), ...notes].join(
    '\n',
  );
}

/** What a column is of, and what makes it doubtful. */
function noteOf(runs: readonly RealGraphRun[]): string {
  const [run] = runs as [RealGraphRun];
  const { system, lists, wrongLists, unhealedLists, online, fullestServer, brokenConnections } = run;
  const sum = (of: Metric): number => runs.reduce((total, run) => total + of(run), 0);
  const doubts: [number, string][] = [
    [sum(({ errors }) => errors), 'errors'],
    [sum(({ broken }) => broken), 'connections of clients that broke'],
    [sum(({ connections }) => connections) + brokenConnections, 'connections to Redis that broke'],
    [runs.filter(({ sendLagP99Ms }) => sendLagP99Ms > MAX_LAG_MS).length, 'windows with late updates'],
  ];
  return [
    systemNamed(system).label,
    `${digits(online)} online`,
    `${digits(fullestServer * 100)} % on the fullest server`,
    `${sum(({ updates }) => updates)} updates`,
    `${sum(({ comings }) => comings)} came`,
    `${wrongLists} of ${lists} lists wrong, ${unhealedLists} when all had reported once more`,
    ...doubts.filter(([count]) => count > 0).map(([count, what]) => `DOUBTFUL: ${count} ${what}`),
  ].join(', ');
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
