/**
 * Measures what topics and positions cost a Redis, a master of a Redis Cluster on the core of what is measured, by
 * Redis's own accounts: channels that servers subscribe to, messages to some of many servers, and users' positions.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { commandsFor, createNames, partitionOf } from '../../src/adapters/redis/partitions.js';
import { createLocationStore } from '../../src/adapters/redis/location-store.js';
import { createPublisher } from '../../src/adapters/redis/publisher.js';
import { connectRedisCluster } from '../../src/adapters/redis/redis-client.js';
import { createLogger } from '../../src/log.js';
import { systemClock } from '../../src/time/clock.js';
import { writeTogether } from '../../src/time/write-together.js';
import type { Bench } from '../bench.js';
import type { RedisServer } from '../run/backing.js';
import { startRedisCluster } from '../run/redis-cluster.js';

/** Bytes, and microseconds of Redis's CPU. */
export interface TopicsRun {
  /** Of a channel with one subscriber connection, and of each further connection. */
  readonly bytesPerChannel: number;
  readonly bytesPerSubscription: number;
  readonly microsPerSubscribe: number;
  readonly microsPerUnsubscribe: number;
  /** Of a published message for each subscriber connection; every publisher waits for its answer. */
  readonly microsPerMessage: number;
  /** The same when 60 are published together, so that a subscriber connection gets six in one write. */
  readonly microsPerMessageInBursts: number;
  /** What a subscriber connection is sent with one message. */
  readonly bytesPerMessage: number;
  /** Of a position with its key and expiry. */
  readonly bytesPerPosition: number;
  /** Of keeping a position and publishing it to nobody; each server waits for its answer. */
  readonly microsPerUpdate: number;
  /** The same of 60 together. */
  readonly microsPerUpdateInBursts: number;
  /** Of publishing to nobody what keeps nothing: a heartbeat, or what goes to an inbox; each server waits for its answer. */
  readonly microsPerPublish: number;
  /** The same of 60 together. */
  readonly microsPerPublishInBursts: number;
  /** Of one position, read with 399 others. */
  readonly microsPerRead: number;
}

const names = createNames('nearby:bench000');
const { userChannel } = names;
const USERS = 50_000;
/** A user and 400 friends: a server subscribes to so many channels at a time. */
const CHANNELS_OF_SESSION = 401;
const CHANNELS_PER_COMMAND = 1_000;
const SUBSCRIBERS = 400;
/** How many of the subscribers receive a message: so few that hardly any gets two messages in one turn of Redis. */
const RECEIVERS = 40;
const CHANNELS = 200;
const MESSAGES = 2_000;
const PUBLISHERS = 8;
/** Together of all publishers: what a shard gets within a tick when hundreds of servers tick together. */
const BURST = 60;
const DELIVERY_TIMEOUT_MS = 30_000;
const UPDATES = 4_000;
const LIST = 400;
const LOCATION_TTL_MS = 600_000;

export async function runTopics({ cores, progress, settings, signal }: Bench): Promise<TopicsRun[]> {
  const { quick, repetitions } = settings;
  const runs: TopicsRun[] = [];
  progress.expect(3 * repetitions);
  /** Measures on an empty Redis. */
  const step = async <T>(
    what: string,
    measure: (redis: RedisServer, scale: number) => Promise<T>,
  ): Promise<T> => {
    signal.throwIfAborted();
    progress.step(`topics, ${what}`);
    const { masters, close } = await startRedisCluster(1);
    try {
      const [redis] = masters as [RedisServer];
      cores.moveToServer(redis.pid);
      return await measure(redis, quick ? 0.1 : 1);
    } finally {
      await close();
    }
  };
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    runs.push({
      ...(await step('subscriptions', measureSubscriptions)),
      ...(await step('messages', measureMessages)),
      ...(await step('positions', measurePositions)),
    });
  }
  return runs;
}

async function measureSubscriptions(redis: RedisServer, scale: number) {
  const channels = numbers(USERS * scale).map((user) => userChannel(userId(user)));
  const servers = numbers(3).map(() => new Redis(redis.url));
  try {
    const joins: Used[] = [];
    for (const server of servers) {
      joins.push(await used(redis, () => inSessions(channels, (some) => server.ssubscribe(...some))));
    }
    const left = await used(redis, () =>
      inSessions(channels, async (some) => servers[0]?.sunsubscribe(...some)),
    );
    const [first, ...further] = joins;
    return {
      bytesPerChannel: (first?.memoryBytes ?? NaN) / channels.length,
      bytesPerSubscription: mean(further.map(({ memoryBytes }) => memoryBytes)) / channels.length,
      microsPerSubscribe: mean(joins.map(({ cpuMicros }) => cpuMicros)) / channels.length,
      microsPerUnsubscribe: left.cpuMicros / channels.length,
    };
  } finally {
    for (const server of servers) server.disconnect();
  }
}

async function measureMessages(redis: RedisServer, scale: number) {
  const messages = MESSAGES * scale;
  const publishers = numbers(PUBLISHERS).map(() => new Redis(redis.url));
  const servers = numbers(SUBSCRIBERS).map(() => new Redis(redis.url));
  let received = 0;
  for (const server of servers) server.on('smessage', () => received++);

  /** Publishes all messages to so many of the servers: `together` at once, the next when those are answered. */
  async function publish(receivers: number, together: number): Promise<Used> {
    const channels = numbers(CHANNELS).map((index) => userChannel(userId(index, receivers)));
    for (const [index, server] of servers.entries()) {
      // Neighbouring channels have other servers.
      const own = channels.filter((_, channel) => (index + channel * RECEIVERS) % SUBSCRIBERS < receivers);
      await inSessions(own, (some) => server.ssubscribe(...some));
    }
    received = 0;
    let next = 0;
    return used(redis, async () => {
      const publishSome = async (some: readonly Redis[], count: number): Promise<void> => {
        while (next < messages) {
          for (const { stream } of some) writeTogether(stream);
          const sent = numbers(Math.min(count, messages - next)).map((index) =>
            (some[index % some.length] as Redis).spublish(channels[next++ % CHANNELS] ?? '', RECORD),
          );
          await Promise.all(sent);
        }
      };
      if (together > 1) await publishSome(publishers, together);
      else await Promise.all(publishers.map((publisher) => publishSome([publisher], 1)));
      const deadlineMs = Date.now() + DELIVERY_TIMEOUT_MS;
      while (received < messages * receivers) {
        if (Date.now() > deadlineMs) throw new Error('Redis did not deliver all messages');
        await sleep(1);
      }
    });
  }

  try {
    // Connecting must not count.
    await Promise.all([...publishers, ...servers].map((client) => client.ping()));
    const [toNobody, toSome] = [await publish(0, 1), await publish(RECEIVERS, 1)];
    const [burstsToNobody, burstsToSome] = [await publish(0, BURST), await publish(RECEIVERS, BURST)];
    const deliveries = messages * RECEIVERS;
    return {
      microsPerMessage: (toSome.cpuMicros - toNobody.cpuMicros) / deliveries,
      microsPerMessageInBursts: (burstsToSome.cpuMicros - burstsToNobody.cpuMicros) / deliveries,
      bytesPerMessage: (toSome.sentBytes - toNobody.sentBytes) / deliveries,
    };
  } finally {
    for (const client of [...publishers, ...servers]) client.disconnect();
  }
}

/** By the project's own code. */
async function measurePositions(redis: RedisServer, scale: number) {
  const users = numbers(USERS * scale).map((user) => userId(user));
  const updates = UPDATES * scale;
  const clients = await Promise.all(
    numbers(PUBLISHERS).map(() => connectRedisCluster([new URL(redis.url)], createLogger('warn'))),
  );
  const servers = clients.map((client) => createLocationStore(client, LOCATION_TTL_MS, names, systemClock));
  const [server] = servers as [(typeof servers)[number]];
  const startMs = Date.now();
  try {
    await server.publish(userId(users.length), updateAt(startMs)); // Redis knows the script from here on.
    const filled = await used(redis, async () => {
      for (let at = 0; at < users.length; at += 1_000) {
        await Promise.all(users.slice(at, at + 1_000).map((user) => server.publish(user, updateAt(startMs))));
      }
    });
    const publishers = clients.map((client) => createPublisher(client, systemClock));
    /** Sends one after the other, from all servers at once. */
    const alone = (send: (server: number, user: string) => Promise<unknown>): Promise<Used> =>
      used(redis, async () => {
        const sendSome = async (server: number): Promise<void> => {
          for (let at = server; at < updates; at += PUBLISHERS) await send(server, users[at] ?? '');
        };
        await Promise.all(numbers(PUBLISHERS).map(sendSome));
      });
    const inBursts = (send: (server: number, user: string) => Promise<unknown>): Promise<Used> =>
      used(redis, async () => {
        for (let at = 0; at < updates; at += BURST) {
          const some = users.slice(at, at + BURST);
          await Promise.all(some.map((user, index) => send(index % PUBLISHERS, user)));
        }
      });
    const updateFrom = (atMs: number) => async (from: number, user: string) =>
      (servers[from] ?? server).publish(user, updateAt(atMs));
    const publishFrom = async (from: number, user: string) => publishers[from]?.(userChannel(user), RECORD);
    const updated = await alone(updateFrom(startMs + 1));
    const updatedInBursts = await inBursts(updateFrom(startMs + 2));
    await publishFrom(0, userId(0)); // Redis knows this script from here on.
    const published = await alone(publishFrom);
    const publishedInBursts = await inBursts(publishFrom);
    const read = await used(redis, async () => {
      for (let at = 0; at < users.length; at += LIST) await server.newest(users.slice(at, at + LIST));
    });
    return {
      bytesPerPosition: filled.memoryBytes / users.length,
      microsPerUpdate: updated.cpuMicros / updates,
      microsPerUpdateInBursts: updatedInBursts.cpuMicros / updates,
      microsPerPublish: published.cpuMicros / updates,
      microsPerPublishInBursts: publishedInBursts.cpuMicros / updates,
      microsPerRead: read.cpuMicros / users.length,
    };
  } finally {
    for (const client of clients) client.disconnect();
  }
}

/** Sends commands as the server does, for the channels of one client at a time. */
async function inSessions(
  channels: readonly string[],
  send: (channels: readonly string[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < channels.length; start += CHANNELS_OF_SESSION) {
    const session = channels.slice(start, start + CHANNELS_OF_SESSION);
    await Promise.all(commandsFor(session, partitionOf, CHANNELS_PER_COMMAND).map(send));
  }
}

interface Used {
  /** Of all threads, user and system. */
  readonly cpuMicros: number;
  /** As allocated, including what the allocator rounds up. */
  readonly memoryBytes: number;
  readonly sentBytes: number;
}

/** What Redis used for some work. */
async function used({ client }: RedisServer, work: () => Promise<void>): Promise<Used> {
  const [before, after] = [await client.info(), (await work(), await client.info())];
  const grown = (name: string): number => {
    const [from = NaN, to = NaN] = [before, after].map((info) =>
      Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? NaN),
    );
    return to - from;
  };
  return {
    cpuMicros: (grown('used_cpu_user') + grown('used_cpu_sys')) * 1e6,
    memoryBytes: grown('used_memory'),
    sentBytes: grown('total_net_output_bytes'),
  };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** A UUID for each pair of numbers. */
const userId = (index: number, kind = 0xffff): string =>
  `0193${kind.toString(16).padStart(4, '0')}-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;

/** An update as it is kept and published. */
function updateAt(nowMs: number) {
  const place = { latitude: 37.975432, longitude: 23.735421, accuracyMeters: 12.5 };
  return { id: userId(nowMs), ...place, recordedAtMs: nowMs, receivedAtMs: nowMs };
}

/** As long as the record of such an update. */
const RECORD = 'x'.repeat(93);
