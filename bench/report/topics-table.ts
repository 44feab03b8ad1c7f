import type { Results } from '../results.js';
import { spreadOf } from '../run/statistics.js';
import type { TopicCosts } from '../workloads/topics.js';
import { digits, table } from './table.js';

/** What topics and positions cost Redis: medians, and from the lowest to the highest. */
export function topicsTable({ topics }: Results): string {
  if (topics.length === 0) return '';
  const row = (what: string, value: (costs: TopicCosts) => number): string[] => [
    what,
    ...(['plain', 'sharded'] as const).map((kind) => spreadText(topics.map((run) => value(run[kind])))),
  ];
  const publishRows = (topics[0]?.plain.publish ?? []).flatMap(({ subscriberConnections: count }, index) => [
    row(`µs/PUBLISH to ${count} connections`, ({ publish }) => publish[index]?.microsApart ?? NaN),
    row('the same, 100 at once', ({ publish }) => publish[index]?.microsTogether ?? NaN),
  ]);
  const rows = [
    row('bytes/channel, one connection', (costs) => costs.bytesPerChannel),
    row('bytes/channel, each further one', (costs) => costs.bytesPerFurtherConnection),
    row('µs/SUBSCRIBE of a channel', (costs) => costs.microsPerSubscribe),
    row('µs/UNSUBSCRIBE of a channel', (costs) => costs.microsPerUnsubscribe),
    ...publishRows,
    row('bytes/message and connection', (costs) => costs.bytesPerPush),
    row('bytes/position', (costs) => costs.bytesPerPosition),
    row('µs/update, told to nobody', (costs) => costs.microsPerUpdateApart),
    row('the same, 1,000 at once', (costs) => costs.microsPerUpdateTogether),
    row('µs/position read, 400 at once', (costs) => costs.microsPerRead),
  ];
  return `topics\n${table(['', 'one Redis', 'Redis Cluster'], rows)}`;
}

function spreadText(values: readonly number[]): string {
  const { median, min, max } = spreadOf(values);
  return `${digits(median)} (${digits(min)}–${digits(max)})`;
}
