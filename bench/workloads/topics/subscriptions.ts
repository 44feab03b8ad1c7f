/** What subscribed channels cost a Redis, by servers whose clients come and go one after the other. */
import { Redis } from 'ioredis';
import { commandsFor, partitionOf, userChannel } from '../../../src/adapters/redis/partitions.js';
import type { MeasuredRedis } from '../../run/measured-redis.js';
import { userId } from './samples.js';

export interface SubscriptionCosts {
  /** Of a channel with one subscriber connection, its name included. */
  readonly bytesPerChannel: number;
  /** For each further connection that subscribes to it. */
  readonly bytesPerFurtherConnection: number;
  /** Of one channel. */
  readonly microsPerSubscribe: number;
  readonly microsPerUnsubscribe: number;
}

const CHANNELS = 50_000;
const SERVERS = 3;
/** A user and 400 friends. */
const SESSION = 401;
const CHANNELS_PER_COMMAND = 1_000;

/** @param scale of what is measured, 1 but for a smoke run. */
export async function measureSubscriptions(redis: MeasuredRedis, scale: number): Promise<SubscriptionCosts> {
  const channels = Array.from({ length: CHANNELS * scale }, (_, index) => userChannel(userId(index)));
  const servers = Array.from({ length: SERVERS }, () => new Redis(redis.url));
  try {
    const joins: Used[] = [];
    for (const server of servers) joins.push(await used(redis, () => subscribe(redis, server, channels)));
    const [first, ...further] = joins;
    const left = await used(redis, () => unsubscribe(redis, servers[0], channels));
    const perChannel = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length / channels.length;
    return {
      bytesPerChannel: perChannel([first?.bytes ?? NaN]),
      bytesPerFurtherConnection: perChannel(further.map(({ bytes }) => bytes)),
      microsPerSubscribe: perChannel(joins.map(({ micros }) => micros)),
      microsPerUnsubscribe: perChannel([left.micros]),
    };
  } finally {
    for (const server of servers) server.disconnect();
  }
}

/** As the server does it, a client's friends at a time. */
export function subscribe(redis: MeasuredRedis, server: Redis, channels: readonly string[]): Promise<void> {
  return inSessions(redis, channels, (some) =>
    redis.kind === 'plain' ? server.subscribe(...some) : server.ssubscribe(...some),
  );
}

function unsubscribe(
  redis: MeasuredRedis,
  server: Redis | undefined,
  channels: readonly string[],
): Promise<void> {
  return inSessions(redis, channels, async (some) =>
    redis.kind === 'plain' ? server?.unsubscribe(...some) : server?.sunsubscribe(...some),
  );
}

async function inSessions(
  { kind }: MeasuredRedis,
  channels: readonly string[],
  send: (channels: readonly string[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < channels.length; start += SESSION) {
    const session = channels.slice(start, start + SESSION);
    const groupOf = kind === 'plain' ? () => 0 : partitionOf;
    await Promise.all(commandsFor(session, groupOf, CHANNELS_PER_COMMAND).map(send));
  }
}

interface Used {
  readonly bytes: number;
  readonly micros: number;
}

async function used(redis: MeasuredRedis, work: () => Promise<void>): Promise<Used> {
  const before = await redis.accounts();
  await work();
  const after = await redis.accounts();
  return {
    bytes: after.memoryBytes - before.memoryBytes,
    micros: after.cpuMicros - before.cpuMicros,
  };
}
