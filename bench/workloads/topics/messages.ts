/**
 * What it costs a Redis to tell a message to some of many servers, each of which has one subscriber connection: so many
 * that they hardly ever get two messages in one turn of Redis, which it would write at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChainableCommander, Redis } from 'ioredis';
import { userChannel } from '../../../src/adapters/redis/partitions.js';
import type { MeasuredRedis } from '../../run/measured-redis.js';
import { record, userId } from './samples.js';
import { subscribe } from './subscriptions.js';

export interface MessageCosts {
  /** From nobody to 40 servers. */
  readonly publish: readonly PublishCosts[];
  /** What a subscriber connection is sent with one message. */
  readonly bytesPerPush: number;
}

export interface PublishCosts {
  readonly subscriberConnections: number;
  /** Messages come one by one over eight connections, each of which waits for its answer. */
  readonly microsApart: number;
  /** A hundred messages at once over one connection. */
  readonly microsTogether: number;
}

const SERVERS = 400;
const TOLD = [0, 1, 10, 40];
const MOST_TOLD = 40;
const CHANNELS = 200;
const PUBLISHERS = 8;
const MESSAGES = 2_000;
const MESSAGES_AT_ONCE = 100;
const DELIVERY_TIMEOUT_MS = 30_000;

/** @param scale of what is measured, 1 but for a smoke run. */
export async function measureMessages(redis: MeasuredRedis, scale: number): Promise<MessageCosts> {
  const messages = MESSAGES * scale;
  const publishers = Array.from({ length: PUBLISHERS }, () => new Redis(redis.url));
  const servers = Array.from({ length: SERVERS }, () => new Redis(redis.url));
  let received = 0;
  for (const server of servers) {
    server.on(redis.kind === 'plain' ? 'message' : 'smessage', () => received++);
  }

  async function subscribeTo(channels: readonly string[], count: number): Promise<void> {
    for (const [index, server] of servers.entries()) {
      // Neighbouring channels have other servers.
      const own = channels.filter((_, channel) => (index + channel * MOST_TOLD) % SERVERS < count);
      if (own.length > 0) await subscribe(redis, server, own);
    }
  }

  /** What Redis used to tell all messages to so many servers each. */
  async function used(count: number, send: () => Promise<void>): Promise<{ micros: number; bytes: number }> {
    received = 0;
    const before = await redis.accounts();
    await send();
    const deadlineMs = Date.now() + DELIVERY_TIMEOUT_MS;
    while (received < messages * count) {
      if (Date.now() > deadlineMs) throw new Error('Redis did not deliver all messages');
      await sleep(1);
    }
    const after = await redis.accounts();
    return { micros: after.cpuMicros - before.cpuMicros, bytes: after.sentBytes - before.sentBytes };
  }

  async function apart(channelOf: (message: number) => string): Promise<void> {
    let next = 0;
    const publishSome = async (publisher: Redis): Promise<void> => {
      while (next < messages) await publish(redis, publisher, channelOf(next++));
    };
    await Promise.all(publishers.map(publishSome));
  }

  async function together(channelOf: (message: number) => string): Promise<void> {
    for (let start = 0; start < messages; start += MESSAGES_AT_ONCE) {
      const pipeline = publishers[0]?.pipeline();
      if (pipeline === undefined) return;
      for (let at = 0; at < MESSAGES_AT_ONCE; at++) void publish(redis, pipeline, channelOf(start + at));
      await pipeline.exec();
    }
  }

  try {
    const told: PublishCosts[] = [];
    const sent: number[] = [];
    for (const count of TOLD) {
      const channels = Array.from({ length: CHANNELS }, (_, index) => userChannel(userId(index, count)));
      await subscribeTo(channels, count);
      const channelOf = (message: number): string => channels[message % CHANNELS] ?? '';
      const one = await used(count, () => apart(channelOf));
      const many = await used(count, () => together(channelOf));
      sent.push(one.bytes);
      told.push({
        subscriberConnections: count,
        microsApart: one.micros / messages,
        microsTogether: many.micros / messages,
      });
    }
    const pushed = (sent.at(-1) ?? NaN) - (sent[0] ?? NaN);
    return { publish: told, bytesPerPush: pushed / (messages * MOST_TOLD) };
  } finally {
    for (const client of [...publishers, ...servers]) client.disconnect();
  }
}

function publish({ kind }: MeasuredRedis, to: Redis | ChainableCommander, channel: string) {
  return kind === 'plain' ? to.publish(channel, record) : to.spublish(channel, record);
}
