/**
 * The newest location of each user in Redis, gone after the TTL. Comparing, keeping and publishing are one script:
 * two servers can't set a location back, and what is published is always what was kept.
 */
import type { Redis, Result } from 'ioredis';
import { DomainError } from '../../domain/errors.js';
import { fromRecord, locationTopic, type LocationUpdate, toRecord } from '../../domain/location-update.js';
import type { NewestLocations } from '../../services/location-feed.js';
import type { LiveLocations } from '../../services/publish-location.js';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    keepNewestLocation(
      key: string,
      topic: string,
      recordedAtMs: number,
      id: string,
      record: string,
      ttlMs: number,
    ): Result<number, Context>;
  }
}

// A record starts with its order, [time,"id",…: see domain/location-update.ts. An equal id is a retry.
const KEEP_NEWEST = `
local known = redis.call('GET', KEYS[1])
if known then
  local time, id = string.match(known, '^%[(-?%d+),"([^"]+)"')
  local order = tonumber(time) - tonumber(ARGV[1])
  if id == ARGV[2] or order > 0 or (order == 0 and id > ARGV[2]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
redis.call('PUBLISH', KEYS[2], ARGV[3])
return 1`;

const KEYS_PER_MGET = 1_000;

const positionKey = (userId: string): string => `nearby:position:${userId}`;

export function createPositionCache(redis: Redis, locationTtlMs: number): NewestLocations & LiveLocations {
  redis.defineCommand('keepNewestLocation', { numberOfKeys: 2, lua: KEEP_NEWEST });

  return {
    async publish(userId, update) {
      const record = JSON.stringify(toRecord(update));
      const key = positionKey(userId);
      await redis.keepNewestLocation(
        key,
        locationTopic(userId),
        update.recordedAtMs,
        update.id,
        record,
        locationTtlMs,
      );
    },

    async newest(userIds) {
      const found: (LocationUpdate | null)[] = [];
      for (let start = 0; start < userIds.length; start += KEYS_PER_MGET) {
        const keys = userIds.slice(start, start + KEYS_PER_MGET).map(positionKey);
        const records = await redis.mget(keys).catch(unavailable);
        for (const record of records) found.push(record === null ? null : fromRecord(JSON.parse(record)));
      }
      return found;
    },

    async remove(userId) {
      await redis.del(positionKey(userId));
    },
  };
}

function unavailable(cause: unknown): never {
  throw new DomainError('unavailable', 'Live locations are not available now. Try again later.', { cause });
}
