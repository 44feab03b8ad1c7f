/**
 * What topics and positions cost Redis, by its own accounts: bytes and CPU of a subscribed channel, of telling it to so
 * many servers, and of a user's newest place.
 */
import type { Bench } from '../bench.js';
import { type MeasuredRedis, type RedisKind, withMeasuredRedis } from '../run/measured-redis.js';
import { measureMessages, type MessageCosts } from './topics/messages.js';
import { measurePositions, type PositionCosts } from './topics/positions.js';
import { measureSubscriptions, type SubscriptionCosts } from './topics/subscriptions.js';

/** `plain`: SUBSCRIBE and PUBLISH, on a Redis by itself. `sharded`: SSUBSCRIBE and SPUBLISH, on a Redis Cluster. */
export type TopicsRun = Readonly<Record<RedisKind, TopicCosts>>;

export type TopicCosts = SubscriptionCosts & MessageCosts & PositionCosts;

export async function runTopics(bench: Bench): Promise<TopicsRun[]> {
  const { cores, progress, settings, signal } = bench;
  const { repetitions } = settings;
  const scale = settings.quick ? 0.1 : 1;
  const runs: TopicsRun[] = [];
  progress.expect(6 * repetitions);

  for (let repetition = 1; repetition <= repetitions; repetition++) {
    /** Each on a Redis of its own. */
    const step = <T>(
      what: string,
      kind: RedisKind,
      measure: (redis: MeasuredRedis, scale: number) => Promise<T>,
    ): Promise<T> => {
      signal.throwIfAborted();
      progress.step(`${what}, ${kind} Redis, repetition ${repetition} of ${repetitions}`);
      return withMeasuredRedis(cores, kind, (redis) => measure(redis, scale));
    };
    const costsOn = async (kind: RedisKind): Promise<TopicCosts> => ({
      ...(await step('subscriptions', kind, measureSubscriptions)),
      ...(await step('messages', kind, measureMessages)),
      ...(await step('positions', kind, measurePositions)),
    });
    runs.push({ plain: await costsOn('plain'), sharded: await costsOn('sharded') });
  }
  return runs;
}
