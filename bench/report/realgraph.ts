/** The table and the bars of the workload `realgraph`. */
import type { Results } from '../results.js';
import type { Placement } from '../load/people/balancer.js';
import { systemNamed } from '../systems.js';
import type { RealGraphRun } from '../workloads/realgraph.js';
import type { Bar } from './bars.js';
import { digits, range, table } from './table.js';

/** A table for each share of people online, with a column for each system and placement. */
export function realGraphTables({ realGraph }: Results): string {
  return distinct(realGraph.map(({ onlineShare }) => onlineShare))
    .map((share) =>
      tableOf(
        share,
        realGraph.filter(({ onlineShare }) => onlineShare === share),
      ),
    )
    .join('\n\n');
}

/** Compares this build with those of other checkouts and with the floor, window by window. */
export function realGraphBars({ realGraph }: Results): Bar[] {
  const before = realGraph.find(({ system }) => system.startsWith('ours-1000@'))?.system ?? '';
  return distinct(realGraph.map(({ onlineShare }) => onlineShare)).flatMap((share): Bar[] => {
    const runsOf = (system: string, placement: Placement): RealGraphRun[] =>
      realGraph.filter(
        (run) => run.onlineShare === share && run.system === system && run.placement === placement,
      );
    const ours = runsOf('ours-1000', 'random');
    const ratio = (of: Metric, base: readonly RealGraphRun[], runs = ours): number[] =>
      runs.slice(0, base.length).map((run, index) => of(run) / of(base[index] as RealGraphRun));
    const old = runsOf(before, 'random');
    const wrongLists = Math.max(
      ...realGraph.filter((run) => run.onlineShare === share).map((run) => run.wrongLists),
    );
    const at = `realgraph, ${share * 100} %`;
    const bars: Bar[] = [
      [`${at}: messages beyond those needed, of before`, ratio(beyondNeeded, old), 0.3],
      [
        `${at}: messages to other servers, by place of at random`,
        ratio(toOthers, ours, runsOf('ours-1000', 'near')),
        0.5,
      ],
      [`${at}: server CPU per update, of before`, ratio(cpuMicros, old), 0.75],
      [`${at}: server CPU per update, of floor`, ratio(cpuMicros, runsOf('floor', 'random')), 0.45],
      [`${at}: PUBLISH per update, of before`, ratio(publishes, old), 1.15],
      [`${at}: lists that are wrong`, [wrongLists], 0],
    ];
    if (share === 1) return bars;
    return [
      ...bars,
      [`${at}: subscriptions per user online, of before`, ratio(subscriptions, old), 0.35],
      [`${at}: their memory, of before`, ratio(subscriptionBytes, old), 0.35],
      [`${at}: topics joined and left, of before`, ratio(switches, old), 0.4],
    ];
  });
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
  const [{ system, lists, wrongLists, online, fullestServer }] = runs as [RealGraphRun];
  const sum = (of: Metric): number => runs.reduce((total, run) => total + of(run), 0);
  const doubts: [number, string][] = [
    [sum(({ errors }) => errors), 'errors'],
    [sum(({ connections }) => connections), 'connections to Redis that broke'],
    [runs.filter(({ sendLagP99Ms }) => sendLagP99Ms > MAX_LAG_MS).length, 'windows with late updates'],
  ];
  return [
    systemNamed(system).label,
    `${digits(online)} online`,
    `${digits(fullestServer * 100)} % on the fullest server`,
    `${sum(({ updates }) => updates)} updates`,
    `${sum(({ comings }) => comings)} came`,
    `${wrongLists} of ${lists} lists wrong`,
    ...doubts.filter(([count]) => count > 0).map(([count, what]) => `DOUBTFUL: ${count} ${what}`),
  ].join(', ');
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
