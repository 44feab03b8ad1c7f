import type { Results } from '../results.js';
import { spreadOf } from '../run/statistics.js';
import type { ChannelCosts } from '../workloads/topics/channels.js';
import type { PositionCosts } from '../workloads/topics/positions.js';
import { digits, table } from './table.js';

/** What topics and positions cost Redis: medians, and from the lowest to the highest. */
export function topicsTable({ topics }: Results): string {
  if (topics.length === 0) return '';
  const row = (what: string, value: (costs: ChannelCosts) => number): string[] => [
    what,
    ...(['plain', 'sharded'] as const).map((way) => spreadText(topics.map((run) => value(run[way])))),
  ];
  const publishRows = (topics[0]?.plain.publish ?? []).flatMap(({ subscriberConnections }, index) =>
    (['microsAlone', 'microsInPipeline'] as const).map((name) =>
      row(
        `µs/PUBLISH to ${subscriberConnections}${name === 'microsAlone' ? '' : ', 100 at once'}`,
        ({ publish }) => publish[index]?.[name] ?? NaN,
      ),
    ),
  );
  const channelRows = [
    row('bytes/channel, one connection', (costs) => costs.bytesPerChannel),
    row('bytes for each further one', (costs) => costs.bytesPerFurtherConnection),
    row('µs/SUBSCRIBE of a channel', (costs) => costs.microsPerSubscribe),
    row('µs/UNSUBSCRIBE', (costs) => costs.microsPerUnsubscribe),
    ...publishRows,
    row('bytes/message and connection', (costs) => costs.bytesPerPush),
  ];
  const position = (what: string, name: keyof PositionCosts): string[] => [
    what,
    spreadText(topics.map(({ positions }) => positions[name])),
  ];
  const positionRows = [
    position('bytes/position', 'bytesPerPosition'),
    position('µs/update, published to nobody', 'microsPerUpdateAlone'),
    position('µs/update, 1,000 at once', 'microsPerUpdateInPipeline'),
    position('µs/position read, 400 at once', 'microsPerRead'),
  ];
  return `topics\n${table(['', 'one Redis', 'cluster'], channelRows)}\n\n${table(['', 'one Redis'], positionRows)}`;
}

function spreadText(values: readonly number[]): string {
  const { median, min, max } = spreadOf(values);
  return `${digits(median)} (${digits(min)}–${digits(max)})`;
}
