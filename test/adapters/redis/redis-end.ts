import { commandOptions, connectRedis, subscriberOptions } from '../../../src/adapters/redis/redis-client.js';
import { createRedisTopics } from '../../../src/adapters/redis/redis-topics.js';
import { createLogger } from '../../../src/log.js';

/** One server's connections to a Redis, as node.ts makes them. */
export async function openRedisEnd(url: string) {
  const log = createLogger('silent');
  const commands = await connectRedis(url, commandOptions, log);
  const subscriber = await connectRedis(url, subscriberOptions, log);
  const topics = createRedisTopics(commands, subscriber, log);
  return {
    commands,
    subscriber,
    topics,
    close() {
      topics.close();
      commands.disconnect();
    },
  };
}

export type RedisEnd = Awaited<ReturnType<typeof openRedisEnd>>;
