/**
 * Publishes messages through the master alone. A replica accepts PUBLISH and passes the message to its own
 * subscribers only, so after a failover a message could be lost without an error. The script therefore writes
 * first, which a replica refuses: it deletes a key that never exists.
 */
import { Cluster, type Result } from 'ioredis';
import type { RedisCommands } from './redis-client.js';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    publishOnMaster(channel: string, message: string): Result<number, Context>;
  }
}

/** @returns publishes a message to a channel; rejects where that may not have reached every subscriber. */
export function createPublisher(
  redis: RedisCommands,
): (channel: string, message: string) => Promise<unknown> {
  const publish = redis instanceof Cluster ? 'SPUBLISH' : 'PUBLISH';
  const lua = `redis.call('DEL', KEYS[1])\nreturn redis.call('${publish}', KEYS[1], ARGV[1])`;
  redis.defineCommand('publishOnMaster', { numberOfKeys: 1, lua });
  return (channel, message) => redis.publishOnMaster(channel, message);
}
