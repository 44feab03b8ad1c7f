/** What subscribed channels cost a Redis that is asked the way a server asks it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { locationTopic } from '../../../src/domain/location-update.js';
import type { MeasuredRedis } from '../../run/measured-redis.js';
import { record, userId } from './samples.js';

export interface ChannelCosts {
  /** Of a channel with one subscriber connection, its name included. */
  readonly bytesPerChannel: number;
  /** For each further connection that subscribes to it. */
  readonly bytesPerFurtherConnection: number;
  /** Of one channel. */
  readonly microsPerSubscribe: number;
  readonly microsPerUnsubscribe: number;
  readonly publish: readonly PublishCosts[];
  /** What a subscriber connection is sent with one message. */
  readonly bytesPerPush: number;
}

export interface PublishCosts {
  readonly subscriberConnections: number;
  /** Each message waits for the answer to the one before: Redis writes to every subscriber for each. */
  readonly microsAlone: number;
  /** A hundred messages at once: Redis writes to a subscriber once for many. */
  readonly microsInPipeline: number;
}

export interface Way {
  readonly settings: readonly string[];
  readonly subscribe: 'subscribe' | 'ssubscribe';
  readonly unsubscribe: 'unsubscribe' | 'sunsubscribe';
  readonly publish: 'publish' | 'spublish';
  readonly messageEvent: 'message' | 'smessage';
  /** How many channels of a session go into one command. */
  readonly channelsPerCommand: number;
  prepare(client: Redis): Promise<unknown>;
}

/** A user and 400 friends. */
const SESSION = 401;

export const plain: Way = {
  settings: [],
  subscribe: 'subscribe',
  unsubscribe: 'unsubscribe',
  publish: 'publish',
  messageEvent: 'message',
  channelsPerCommand: SESSION,
  prepare: async () => undefined,
};

/** One command names channels of one slot only: the 400 friends of a session need nearly as many. */
export const sharded: Way = {
  settings: ['cluster-enabled yes'],
  subscribe: 'ssubscribe',
  unsubscribe: 'sunsubscribe',
  publish: 'spublish',
  messageEvent: 'smessage',
  channelsPerCommand: 1,
  async prepare(client) {
    await client.cluster('ADDSLOTSRANGE', 0, 16_383);
    while (!(await client.cluster('INFO')).includes('cluster_state:ok')) await sleep(50);
  },
};

const CHANNELS = 100_000;
const KEEPERS = 3;
const SUBSCRIBERS = 40;
const TOLD = [0, 1, 10, SUBSCRIBERS];
const CHANNELS_TOLD = 200;
const MESSAGES = 3_000;
const MESSAGES_AT_ONCE = 100;
const DELIVERY_TIMEOUT_MS = 30_000;

/** @param scale of what is measured, 1 but for a smoke run. */
export async function measureChannels(redis: MeasuredRedis, way: Way, scale: number): Promise<ChannelCosts> {
  const clients = Array.from({ length: KEEPERS + SUBSCRIBERS + 1 }, () => new Redis(redis.url));
  try {
    const [publisher, ...subscribers] = clients;
    if (publisher === undefined) throw new Error('no client');
    await way.prepare(publisher);
    const kept = await measureSubscriptions(redis, way, subscribers.splice(0, KEEPERS), CHANNELS * scale);
    return { ...kept, ...(await measurePublish(redis, way, publisher, subscribers, MESSAGES * scale)) };
  } finally {
    for (const client of clients) client.disconnect();
  }
}

async function measureSubscriptions(
  redis: MeasuredRedis,
  way: Way,
  keepers: readonly Redis[],
  count: number,
) {
  const channels = Array.from({ length: count }, (_, index) => locationTopic(userId(index)));
  const joins: { bytes: number; micros: number }[] = [];
  for (const keeper of keepers) {
    const before = await redis.accounts();
    await inSessions(channels, way, (...some) => keeper[way.subscribe](...some));
    const { memoryBytes, cpuMicros } = await redis.accounts();
    joins.push({ bytes: memoryBytes - before.memoryBytes, micros: cpuMicros - before.cpuMicros });
  }
  const before = await redis.accounts();
  await inSessions(channels, way, (...some) => keepers[0]?.[way.unsubscribe](...some));
  const after = await redis.accounts();
  const [first, ...further] = joins;
  const meanOf = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length / count;
  return {
    bytesPerChannel: (first?.bytes ?? NaN) / count,
    bytesPerFurtherConnection: meanOf(further.map(({ bytes }) => bytes)),
    microsPerSubscribe: meanOf(joins.map(({ micros }) => micros)),
    microsPerUnsubscribe: (after.cpuMicros - before.cpuMicros) / count,
  };
}

/** One session after the other, as clients come and go. */
async function inSessions(
  channels: readonly string[],
  { channelsPerCommand }: Way,
  send: (...channels: string[]) => Promise<unknown> | undefined,
): Promise<void> {
  for (let start = 0; start < channels.length; start += SESSION) {
    const session = channels.slice(start, start + SESSION);
    const commands: (Promise<unknown> | undefined)[] = [];
    for (let at = 0; at < session.length; at += channelsPerCommand) {
      commands.push(send(...session.slice(at, at + channelsPerCommand)));
    }
    await Promise.all(commands);
  }
}

async function measurePublish(
  redis: MeasuredRedis,
  way: Way,
  publisher: Redis,
  subscribers: readonly Redis[],
  messages: number,
) {
  let received = 0;
  for (const subscriber of subscribers) subscriber.on(way.messageEvent, () => received++);
  const publish: PublishCosts[] = [];
  const sentAlone: number[] = [];
  for (const count of TOLD) {
    const channels = Array.from({ length: CHANNELS_TOLD }, (_, index) => locationTopic(userId(index, count)));
    for (const subscriber of subscribers.slice(0, count)) {
      await inSessions(channels, way, (...some) => subscriber[way.subscribe](...some));
    }
    const channelOf = (message: number): string => channels[message % CHANNELS_TOLD] ?? '';

    /** What Redis used for all messages. */
    const used = async (send: () => Promise<void>): Promise<{ micros: number; bytes: number }> => {
      received = 0;
      const before = await redis.accounts();
      await send();
      await until(() => received === messages * count);
      const { cpuMicros, sentBytes } = await redis.accounts();
      return { micros: cpuMicros - before.cpuMicros, bytes: sentBytes - before.sentBytes };
    };
    const alone = await used(async () => {
      for (let message = 0; message < messages; message++)
        await publisher[way.publish](channelOf(message), record);
    });
    const inPipeline = await used(async () => {
      for (let start = 0; start < messages; start += MESSAGES_AT_ONCE) {
        const pipeline = publisher.pipeline();
        for (let at = start; at < Math.min(messages, start + MESSAGES_AT_ONCE); at++) {
          pipeline[way.publish](channelOf(at), record);
        }
        await pipeline.exec();
      }
    });
    sentAlone.push(alone.bytes);
    publish.push({
      subscriberConnections: count,
      microsAlone: alone.micros / messages,
      microsInPipeline: inPipeline.micros / messages,
    });
  }
  const pushedBytes = (sentAlone.at(-1) ?? NaN) - (sentAlone[0] ?? NaN);
  return { publish, bytesPerPush: pushedBytes / (messages * SUBSCRIBERS) };
}

async function until(done: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + DELIVERY_TIMEOUT_MS;
  while (!done()) {
    if (Date.now() > deadlineMs) throw new Error('Redis did not deliver all messages');
    await sleep(1);
  }
}
