/**
 * What topics and positions cost Redis, by its own accounts: bytes and CPU of a subscribed channel, CPU of telling it to
 * so many servers, each of which has one subscriber connection, and bytes and CPU of a user's newest place.
 */
import type { Bench } from '../bench.js';
import { withMeasuredRedis } from '../run/measured-redis.js';
import { type ChannelCosts, measureChannels, plain, sharded } from './topics/channels.js';
import { measurePositions, type PositionCosts } from './topics/positions.js';

export interface TopicsRun {
  /** SUBSCRIBE and PUBLISH, on a Redis by itself. */
  readonly plain: ChannelCosts;
  /** SSUBSCRIBE and SPUBLISH, on a master of a Redis Cluster. */
  readonly sharded: ChannelCosts;
  readonly positions: PositionCosts;
}

export async function runTopics(bench: Bench): Promise<TopicsRun[]> {
  const { cores, progress, settings, signal } = bench;
  const runs: TopicsRun[] = [];
  const scale = settings.quick ? 0.1 : 1;
  progress.expect(3 * settings.repetitions);
  const step = <T>(what: string, run: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    progress.step(`topics: ${what}`);
    return run();
  };
  for (let repetition = 1; repetition <= settings.repetitions; repetition++) {
    const [first, second] = [plain, sharded].map(
      (way) => () => withMeasuredRedis(cores, way.settings, (redis) => measureChannels(redis, way, scale)),
    );
    if (first === undefined || second === undefined) throw new Error('two ways');
    runs.push({
      plain: await step('SUBSCRIBE and PUBLISH', first),
      sharded: await step('SSUBSCRIBE and SPUBLISH', second),
      positions: await step('positions', () =>
        withMeasuredRedis(cores, [], (redis) => measurePositions(redis, scale)),
      ),
    });
  }
  return runs;
}
