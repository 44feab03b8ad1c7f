/**
 * Publishes messages through masters alone that others can reach, too. A replica of one Redis accepts PUBLISH, and a
 * master of a cluster that has lost the majority accepts SPUBLISH; either tells its own subscribers only, so a
 * message could be lost without an error. The script therefore writes first, which both refuse: it deletes a key that
 * never exists.
 */
import { Cluster, type Result } from 'ioredis';
import type { Clock } from '../../time/clock.js';
import { writeTogether } from '../../time/write-together.js';
import { inTime, PUBLISH_ALONE, type RedisCommands } from './redis-client.js';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    publishOnMaster(channel: string, message: string): Result<number, Context>;
    publishOnMasterAlone(channel: string, message: string): Result<number, Context>;
  }
}

/** @returns publishes a message to a channel; rejects where that may not have reached every subscriber. */
export function createPublisher(
  redis: RedisCommands,
  clock: Clock,
): (channel: string, message: string) => Promise<unknown> {
  const lua = publishWith(redis instanceof Cluster ? 'SPUBLISH' : 'PUBLISH');
  redis.defineCommand('publishOnMaster', { numberOfKeys: 1, lua });
  redis.defineCommand(PUBLISH_ALONE, { numberOfKeys: 1, lua });

  async function publishOnCluster(channel: string, message: string): Promise<unknown> {
    try {
      return await redis.publishOnMaster(channel, message);
    } catch (error) {
      // ioredis follows no redirection of a command that left with others.
      if (!isElsewhere(error)) throw error;
      return redis.publishOnMasterAlone(channel, message);
    }
  }

  return (channel, message) => {
    if (redis instanceof Cluster) return inTime(clock, publishOnCluster(channel, message));
    // One write for the inboxes of all friends. A cluster's client does that by itself.
    writeTogether(redis.stream);
    return redis.publishOnMaster(channel, message);
  };
}

const publishWith = (command: 'PUBLISH' | 'SPUBLISH'): string => `
redis.call('DEL', KEYS[1])
return redis.call('${command}', KEYS[1], ARGV[1])`;

/** After a failover and while a slot moves: the master is another one, or has not heard of the script. */
const isElsewhere = (error: unknown): boolean =>
  error instanceof Error && /^(MOVED|ASK|NOSCRIPT)\b/.test(error.message);
