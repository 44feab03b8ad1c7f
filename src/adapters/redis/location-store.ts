/**
 * Keeps the newest location of each user in Redis, until the TTL, and publishes it. Comparing, keeping and
 * publishing are one script, so two servers can't set a location back, and what is published is always what
 * was kept. Beside it lies what is known of the user's devices, where there are two.
 */
import { Cluster, Redis, type Result } from 'ioredis';
import { DomainError } from '../../domain/errors.js';
import type { DeviceSightings } from '../../domain/device-choice.js';
import { fromRecord, SERVER_CLOCKS_DIFFER_MS, toRecord } from '../../domain/location-update.js';
import type { LocationStore, PublishOutcome } from '../../services/location-store.js';
import type { Clock } from '../../time/clock.js';
import { writeTogether } from '../../time/write-together.js';
import { createBatcher } from './batcher.js';
import { commandsFor, grouping, type Names } from './partitions.js';
import type { RedisCommands } from './redis-client.js';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    keepNewestLocation(
      key: string,
      channel: string,
      recordedAtMs: number,
      id: string,
      record: string,
      ttlMs: number,
      futureMs: number,
      stillHere: '1' | '',
      device: string,
      takeOver: '1' | '',
    ): Result<number, Context>;
  }
}

/** @param locationTtlMs for how long a location is kept after it was published, milliseconds. */
export function createLocationStore(
  redis: RedisCommands,
  locationTtlMs: number,
  { locationKey, devicesKey, userChannel }: Pick<Names, 'locationKey' | 'devicesKey' | 'userChannel'>,
  clock: Clock,
): LocationStore {
  const lua = keepNewest(redis instanceof Cluster ? [SPUBLISH, KEEP] : [KEEP, PUBLISH]);
  const groupOf = grouping(redis);
  redis.defineCommand('keepNewestLocation', { numberOfKeys: 2, lua });

  async function read(reads: readonly Read[]): Promise<void> {
    const keys = reads.flatMap((one) => one.keys);
    try {
      const commands = commandsFor(keys, groupOf, KEYS_PER_MGET).map((some) => redis.mget(some));
      const records = (await Promise.all(commands)).flat();
      let from = 0;
      for (const one of reads) one.resolve(records.slice(from, (from += one.keys.length)));
    } catch (error) {
      for (const { reject } of reads) reject(error);
    }
  }
  const batchRead = createBatcher<Read>((reads) => void read(reads));

  return {
    async publish(userId, update, takeOver = false) {
      const record = JSON.stringify(toRecord(update));
      // One write for all updates of a tick. ioredis' automatic pipelines would do it too, but V8 keeps each
      // of them, with its commands, until it collects the old generation; only a cluster can't do without
      // them.
      if (redis instanceof Redis) writeTogether(redis.stream);
      const outcome = await redis.keepNewestLocation(
        locationKey(userId),
        userChannel(userId),
        update.recordedAtMs,
        update.id,
        record,
        locationTtlMs,
        clock.now() + SERVER_CLOCKS_DIFFER_MS,
        update.stillHere === true ? '1' : '',
        update.device ?? '',
        takeOver ? '1' : '',
      );
      return OUTCOMES[outcome] ?? 'outdated';
    },

    async newest(userIds) {
      const found = new Map<string, string | null>();
      const find = async (keys: string[]): Promise<void> => {
        const records = await new Promise<(string | null)[]>((resolve, reject) => {
          batchRead(groupOf(keys[0] ?? ''), { keys, resolve, reject });
        });
        records.forEach((record, index) => found.set(keys[index] ?? '', record));
      };
      const keys = userIds.map(locationKey);
      await Promise.all(commandsFor(keys, groupOf, KEYS_PER_MGET).map(find)).catch(unavailable);
      return keys.map((key) => {
        const record = found.get(key) ?? null;
        return record === null ? null : fromRecord(JSON.parse(record));
      });
    },

    async sightings(userId) {
      const kept = await redis.get(devicesKey(userId));
      return kept === null ? {} : (JSON.parse(kept) as DeviceSightings);
    },

    async keepSightings(userId, sightings) {
      await redis.set(devicesKey(userId), JSON.stringify(sightings), 'PX', locationTtlMs);
    },

    async remove(userId) {
      await redis.del(locationKey(userId), devicesKey(userId));
    },
  };
}

const KEEP = `redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])`;
const PUBLISH = `redis.call('PUBLISH', KEYS[2], ARGV[3])`;
const SPUBLISH = `redis.call('SPUBLISH', KEYS[2], ARGV[3])`;

// A record starts with its order, [time,"id",… and ends with the device, …,"device"], if that has a name: see
// domain/location-update.ts, whose replaces() this repeats. An equal id is a sign of life or else a retry.
// What may fail comes first, so that a location is not kept and published in part. On a cluster that is
// publishing, while a slot moves: a location that was kept already would count as published. On one Redis it is
// keeping: a replica refuses that, and so does a full Redis, but both accept PUBLISH.
const keepNewest = (steps: readonly string[]): string => `
local known = redis.call('GET', KEYS[1])
if known then
  local time, id = string.match(known, '^%[(-?%d+),"([^"]+)"')
  if id == ARGV[2] then
    if ARGV[6] == '' then return 0 end
  else
    if ARGV[7] ~= '' and ARGV[8] == '' then
      local device = string.match(known, ',"(%x+)"%]$')
      if device and device ~= ARGV[7] then return 2 end
    end
    local order = tonumber(time) - tonumber(ARGV[1])
    if tonumber(time) <= tonumber(ARGV[5]) and (order > 0 or (order == 0 and id > ARGV[2])) then return 0 end
  end
end
${steps.join('\n')}
return 1`;

const OUTCOMES: readonly PublishOutcome[] = ['outdated', 'published', 'other-device'];

const KEYS_PER_MGET = 5_000;

/** What one caller reads of one group of keys. */
interface Read {
  readonly keys: readonly string[];
  resolve(records: (string | null)[]): void;
  reject(error: unknown): void;
}

function unavailable(cause: unknown): never {
  throw new DomainError('unavailable', 'Live locations are not available now. Try again later.', { cause });
}
