/** The measured costs as plain numbers, with what has to be solved for because it was measured in sums only. */
import type { Spread } from '../run/statistics.js';
import type { Measured, RedisCosts } from './measured.js';

/** Bytes, and microseconds of CPU. */
export interface Constants {
  /** Of a server, for each client and second under the reference load, each friend on another server. */
  readonly clientMicros: number;
  /** Of a server, for a client that comes. */
  readonly connectMicros: number;
  readonly memory: ServerMemory;
  readonly sentBytesPerClient: number;
  readonly channel: number;
  /** Of Redis, for each server beyond the first that subscribes to a channel. */
  readonly subscription: number;
  readonly subscribeMicros: number;
  readonly unsubscribeMicros: number;
  /** Of keeping and publishing an update that nobody watches. */
  readonly updateMicros: number;
  /** For each server that is told. */
  readonly pushMicros: number;
  /** Of a message to a channel with one subscriber. */
  readonly publishToOneMicros: number;
  readonly readMicros: number;
  readonly push: number;
  readonly position: number;
  /** Of rows with the clients' own ids, which the SDK gives. */
  readonly rowsPerSecond: number;
  readonly row: number;
  readonly rowLog: number;
}

/** What a server process keeps, bytes. */
export interface ServerMemory {
  /** Of a client without friends. */
  readonly client: number;
  /** Of a watched user, however many watch. */
  readonly topic: number;
  /** Of one friend on one client's list of friends. */
  readonly friend: number;
}

const CIRCLE = 41;
const ABSENT = 360;
const FRIENDS = 400;

/** Messages to many servers: each written by itself, or a hundred of a connection at once. */
export type Telling = 'microsApart' | 'microsTogether';

/** @param which of the repetitions. */
export function constantsOf(
  measured: Measured,
  which: keyof Spread = 'median',
  telling: Telling = 'microsApart',
): Constants {
  const { scattered } = measured.server;
  const { sharded } = measured.redis;
  const { claimed } = measured.history;
  const { table, index, ids } = claimed.bytesPerRow;
  return {
    clientMicros: scattered.cpuMicros[which],
    connectMicros: scattered.connectMicros[which],
    memory: serverMemory(measured, which),
    sentBytesPerClient: scattered.sentBytes[which],
    channel: sharded.bytesPerChannel[which],
    subscription: sharded.bytesPerFurtherConnection[which],
    subscribeMicros: sharded.microsPerSubscribe[which],
    unsubscribeMicros: sharded.microsPerUnsubscribe[which],
    updateMicros: sharded.microsPerUpdateApart[which],
    pushMicros: pushMicros(sharded, which, telling),
    publishToOneMicros: publishMicros(sharded, 1, which, telling),
    readMicros: sharded.microsPerRead[which],
    push: sharded.bytesPerPush[which],
    position: sharded.bytesPerPosition[which],
    rowsPerSecond: claimed.rowsPerSecond[which],
    row: table + index + ids,
    rowLog: claimed.bytesPerRow.wal,
  };
}

/**
 * Three runs, three unknowns. A client with 40 friends who are clients too has a topic, its own, and 40 friends. 360
 * absent friends whom 41 clients have in common add 360 friends and 360/41 topics to each. With 400 friends of its own
 * a client has 400 friends and 401 topics.
 */
export function serverMemory(
  { memory }: Pick<Measured, 'memory'>,
  which: keyof Spread = 'median',
): ServerMemory {
  const [present, absent, scattered] = [memory.present[which], memory.absent[which], memory.scattered[which]];
  const topic = (scattered - absent) / (FRIENDS - ABSENT / CIRCLE);
  const friend = (absent - present - (ABSENT / CIRCLE) * topic) / ABSENT;
  return { client: present - topic - (CIRCLE - 1) * friend, topic, friend };
}

/** What one more subscriber connection costs, from nobody to the most. */
export function pushMicros(
  { publish }: Pick<RedisCosts, 'publish'>,
  which: keyof Spread = 'median',
  telling: Telling = 'microsApart',
): number {
  const [nobody, most] = [publish[0], publish.at(-1)];
  if (nobody === undefined || most === undefined) return NaN;
  return (most[telling][which] - nobody[telling][which]) / most.subscriberConnections;
}

function publishMicros(
  { publish }: RedisCosts,
  connections: number,
  which: keyof Spread,
  telling: Telling,
): number {
  return publish.find((run) => run.subscriberConnections === connections)?.[telling][which] ?? NaN;
}
