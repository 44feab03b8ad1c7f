/**
 * Keeps the newest location of each user in Redis, until the TTL, and publishes it. Comparing, keeping and
 * publishing are one script, so two servers can't set a location back, and what is published is always what
 * was kept. Beside it lies what is known of the user's devices, where there are two. What is no record counts as
 * absent, and the next location takes its place.
 */
import { Cluster, Redis, type Result } from 'ioredis';
import { DomainError } from '../../domain/errors.js';
import { parseSightings } from '../../domain/device-choice.js';
import {
  fromRecord,
  RECORD_VERSION,
  SERVER_CLOCKS_DIFFER_MS,
  toRecord,
} from '../../domain/location-update.js';
import type { LocationStore, PublishOutcome } from '../../services/location-store.js';
import type { Clock } from '../../time/clock.js';
import { writeTogether } from '../../time/write-together.js';
import { createBatcher } from './batcher.js';
import { commandsFor, grouping, type Names } from './partitions.js';
import { inTime, type RedisCommands } from './redis-client.js';

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
    keepBesideLocation(
      locationKey: string,
      key: string,
      value: string,
      ttlMs: number,
    ): Result<unknown, Context>;
  }
}

/**
 * @param locationTtlMs for how long a location is kept after its receipt, milliseconds.
 * @param onUnreadable called for a key that holds something else.
 */
export function createLocationStore(
  redis: RedisCommands,
  locationTtlMs: number,
  { locationKey, devicesKey, userChannel }: Pick<Names, 'locationKey' | 'devicesKey' | 'userChannel'>,
  clock: Clock,
  onUnreadable = (): void => undefined,
): LocationStore {
  const lua = keepNewest(redis instanceof Cluster ? [SPUBLISH, KEEP] : [KEEP, PUBLISH]);
  const groupOf = grouping(redis);
  redis.defineCommand('keepNewestLocation', { numberOfKeys: 2, lua });
  redis.defineCommand('keepBesideLocation', { numberOfKeys: 2, lua: KEEP_BESIDE });

  /** Commands to one Redis have a time limit of their own. */
  const answer = <T>(command: Promise<T>): Promise<T> =>
    redis instanceof Cluster ? inTime(clock, command) : command;

  /** What a key holds, as JSON; null for nothing. What `parse` gives null for is counted. */
  function parsed<T>(text: string | null, parse: (value: unknown) => T | null): T | null {
    if (text === null) return null;
    const value = parse(jsonIn(text));
    if (value === null) onUnreadable();
    return value;
  }

  async function read(reads: readonly Read[]): Promise<void> {
    const keys = reads.flatMap((one) => one.keys);
    try {
      const commands = commandsFor(keys, groupOf, KEYS_PER_MGET).map((some) => answer(redis.mget(some)));
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
      const nowMs = clock.now();
      // An update may have waited for Redis to come back.
      const leftMs = Math.min(update.receivedAtMs + locationTtlMs - nowMs, locationTtlMs);
      if (leftMs <= 0) return 'outdated';
      const record = JSON.stringify(toRecord(update));
      // One write for all updates of a tick. ioredis' automatic pipelines would do it too, but V8 keeps each
      // of them, with its commands, until it collects the old generation; only a cluster can't do without
      // them.
      if (redis instanceof Redis) writeTogether(redis.stream);
      const outcome = await answer(
        redis.keepNewestLocation(
          locationKey(userId),
          userChannel(userId),
          update.recordedAtMs,
          update.id,
          record,
          Math.ceil(leftMs),
          nowMs + SERVER_CLOCKS_DIFFER_MS,
          update.stillHere === true ? '1' : '',
          update.device ?? '',
          takeOver ? '1' : '',
        ),
      );
      if (outcome === PUBLISHED_OVER_UNREADABLE) onUnreadable();
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
      const nowMs = clock.now();
      return keys.map((key) => parsed(found.get(key) ?? null, (value) => fromRecord(value, nowMs)));
    },

    async sightings(userId) {
      // Unlike GET, MGET does not fail where a key holds something other than text.
      const [kept = null] = await answer(redis.mget(devicesKey(userId)));
      return parsed(kept, (value) => parseSightings(value, clock.now())) ?? {};
    },

    async keepSightings(userId, sightings) {
      const seen = JSON.stringify(sightings);
      await answer(redis.keepBesideLocation(locationKey(userId), devicesKey(userId), seen, locationTtlMs));
    },

    async remove(userId) {
      await answer(redis.del(locationKey(userId), devicesKey(userId)));
    },
  };
}

const KEEP = `redis.call('SET', KEYS[1], record, 'PX', ARGV[4])`;
const PUBLISH = `redis.call('PUBLISH', KEYS[2], record)`;
const SPUBLISH = `redis.call('SPUBLISH', KEYS[2], record)`;

// A record starts with its order, [time,"id",… and ends with the device, …,"device"], if that has a name: see
// domain/location-update.ts, whose newestAfter() this repeats. An equal id is a sign of life or else a retry. What
// is no record of this version or the one before, or not even text, counts as absent.
// What may fail comes first, so that a location is not kept and published in part. On a cluster that is
// publishing, while a slot moves: a location that was kept already would count as published. On one Redis it is
// keeping: a replica refuses that, and so does a full Redis, but both accept PUBLISH.
const keepNewest = (steps: readonly string[]): string => `
local known = redis.pcall('GET', KEYS[1])
local record = ARGV[3]
local outcome = 1
if known then
  local time, id, received, more
  if type(known) == 'string' then time, id, received, more = string.match(known, '${RECORD}') end
  local version = more == '' and 'null' or string.match(more or '', '^,([^,]+)') or ''
  if version ~= '${RECORD_VERSION}' and version ~= 'null' and string.sub(version, 1, 1) ~= '"' then
    outcome = 3
  elseif id == ARGV[2] then
    if ARGV[6] == '' then return 0 end
  else
    local device = ARGV[7] ~= '' and string.match(more, ',"(%x+)"$') or ARGV[7]
    if device ~= ARGV[7] and ARGV[8] == '' then return 2 end
    local order = tonumber(time) - tonumber(ARGV[1])
    if tonumber(time) <= tonumber(ARGV[5]) and (order > 0 or (order == 0 and id > ARGV[2])) then
      local heard = string.match(record, ',(%d+),')
      if ARGV[6] == '' or tonumber(heard) <= tonumber(received) then return 0 end
      if device == ARGV[7] then record = string.gsub(known, ',%d+,', ',' .. heard .. ',', 1) end
    end
  end
elseif ARGV[8] ~= '' then
  return 0
end
${steps.join('\n')}
return outcome`;

/** A record as a pattern of Lua: time, id, time of receipt, and what follows the accuracy. */
const RECORD = String.raw`^%[(%d+),"([%x-]+)",(%d+),[%d.e+-]+,[%d.e+-]+,[%d.e+nul-]+([^%[%]]*)%]$`;

const KEEP_BESIDE = `
if redis.call('GET', KEYS[1]) then redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2]) end`;

const PUBLISHED_OVER_UNREADABLE = 3;
const OUTCOMES: readonly PublishOutcome[] = ['outdated', 'published', 'other-device', 'published'];

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

/** Undefined for what is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
