/**
 * Publishes messages through the master of one Redis alone. A replica accepts PUBLISH and passes the message to
 * its own subscribers only, so after a failover a message could be lost without an error. The script therefore
 * writes first, which a replica refuses: it deletes a key that never exists. A Redis Cluster needs no such
 * thing: there a replica passes SPUBLISH on to its master.
 */
import type { Redis, Result } from 'ioredis';
import { writeTogether } from '../../time/write-together.js';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    publishOnMaster(channel: string, message: string): Result<number, Context>;
  }
}

/** @returns publishes a message to a channel; rejects where that may not have reached every subscriber. */
export function createPublisher(redis: Redis): (channel: string, message: string) => Promise<unknown> {
  redis.defineCommand('publishOnMaster', { numberOfKeys: 1, lua: PUBLISH });
  return (channel, message) => {
    // One write for the inboxes of all friends.
    writeTogether(redis.stream);
    return redis.publishOnMaster(channel, message);
  };
}

const PUBLISH = `
redis.call('DEL', KEYS[1])
return redis.call('PUBLISH', KEYS[1], ARGV[1])`;
