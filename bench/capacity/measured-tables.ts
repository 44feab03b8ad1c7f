/** What was measured, as tables of the document. */
import type { Spread } from '../run/statistics.js';
import type { HistoryCosts, Measured, RedisCosts, ServerCosts } from './measured.js';
import { amount, bytes, range, table } from './markdown.js';

export function serverTable({ server, memory }: Measured): string {
  const row = (what: string, value: (costs: ServerCosts) => Spread): string[] => [
    what,
    range(value(server.scattered)),
    range(value(server.together)),
  ];
  return table(
    ['', 'friends elsewhere: `scattered`', 'friends on the same server: `cadence`, `memory`, `reconnect`'],
    [
      ['clients', amount(server.scattered.clients), amount(server.together.clients)],
      row('CPU of a client, µs a second', (costs) => costs.cpuMicros),
      row('changes told to a client, a second', (costs) => costs.changes),
      row('messages to a client, a second', (costs) => costs.messages),
      row('bytes to a client, a second', (costs) => costs.sentBytes),
      row('latency p99, ms', (costs) => costs.latencyP99Ms),
      row('CPU of a client that comes back, µs', (costs) => costs.connectMicros),
      ['memory of a client', range(memory.scattered, bytes), range(memory.absent, bytes)],
      ['the same without the 360 who are away', '', range(memory.present, bytes)],
    ],
  );
}

export function redisTable({ redis }: Measured): string {
  const row = (what: string, value: (costs: RedisCosts) => Spread): string[] => [
    what,
    range(value(redis.plain)),
    range(value(redis.sharded)),
  ];
  const publishRows = redis.plain.publish.flatMap(({ subscriberConnections: count }, index) => {
    const of = (costs: RedisCosts, how: 'microsApart' | 'microsTogether'): Spread => {
      const publish = costs.publish[index];
      if (publish === undefined) throw new Error(`no costs of telling ${count} servers`);
      return publish[how];
    };
    return [
      row(`µs of a message to ${count} servers, each by itself`, (costs) => of(costs, 'microsApart')),
      row('the same, a hundred at once', (costs) => of(costs, 'microsTogether')),
    ];
  });
  return table(
    ['', 'one Redis', 'a master of a Redis Cluster'],
    [
      row('bytes of a channel with one subscriber', (costs) => costs.bytesPerChannel),
      row('bytes for each further one', (costs) => costs.bytesPerFurtherConnection),
      row('µs to subscribe to a channel', (costs) => costs.microsPerSubscribe),
      row('µs to unsubscribe', (costs) => costs.microsPerUnsubscribe),
      ...publishRows,
      row('bytes of a message to one server', (costs) => costs.bytesPerPush),
      row('bytes of a record', (costs) => costs.recordBytes),
      row('bytes of a position: a record with its key and expiry', (costs) => costs.bytesPerPosition),
      row('µs to keep and publish an update, each by itself', (costs) => costs.microsPerUpdateApart),
      row('the same, a thousand at once', (costs) => costs.microsPerUpdateTogether),
      row('µs to read a position, 400 at once', (costs) => costs.microsPerRead),
    ],
  );
}

export function historyTable({ history }: Measured): string {
  const row = (what: string, { rowsPerSecond, bytesPerRow }: HistoryCosts): string[] => [
    what,
    range(rowsPerSecond),
    ...[bytesPerRow.table, bytesPerRow.index, bytesPerRow.ids, bytesPerRow.wal].map(amount),
  ];
  return table(
    ['', 'rows a second', 'bytes of a row', 'of its index', 'of its id and indexes', 'of the log'],
    [
      row("ids of the clients' own, as the SDK gives them", history.claimed),
      row('without', history.buffer),
      row('by one COPY', history.copy),
    ],
  );
}
