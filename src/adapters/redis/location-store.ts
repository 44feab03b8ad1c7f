/**
 * Keeps the newest location of each user in Redis, until the TTL, with the user's whereabouts, and publishes
 * it. Comparing, keeping and publishing are one script, so two servers can't set a location back, and what is
 * published is always what was kept. Beside it lies what is known of the user's devices, where there are two.
 * What is no record counts as absent, and the next location takes its place.
 */
import { Cluster, Redis, type Result } from 'ioredis';
import {
  CELL_ROWS,
  GREATEST_MARGIN_METERS,
  LEAST_MARGIN_METERS,
  MARGIN_STEP_METERS,
  MINUTE_MS,
  minuteOf,
} from '../../domain/approximate-place.js';
import { clearedAtIn } from '../../domain/cleared-location.js';
import { DomainError } from '../../domain/errors.js';
import { parseSightings } from '../../domain/device-choice.js';
import { EARTH_RADIUS_METERS } from '../../domain/distance.js';
import {
  fromRecord,
  type LocationUpdate,
  RECORD_VERSION,
  recordAround,
  SERVER_CLOCKS_DIFFER_MS,
} from '../../domain/location-update.js';
import {
  ANNOUNCEMENT_MS,
  GREATEST_REACH_METERS,
  LEAST_REACH_METERS,
  READABLE_REACH_METERS,
  TRAVEL_SECONDS,
} from '../../domain/whereabouts.js';
import type { LocationStore, PublishOutcome } from '../../services/location-store.js';
import type { Clock } from '../../time/clock.js';
import { writeTogether } from '../../time/write-together.js';
import { secureChance } from '../secure-chance.js';
import { createKeyReader } from './key-reader.js';
import type { Names } from './partitions.js';
import { inTime, type RedisCommands } from './redis-client.js';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    keepNewestLocation(
      key: string,
      channel: string,
      recordedAtMs: number,
      id: string,
      recordBefore: string,
      ttlMs: number,
      futureMs: number,
      stillHere: '1' | '',
      device: string,
      takeOver: '1' | '',
      recordAfter: string,
      latitude: number,
      longitude: number,
      receivedAtMs: number,
      chance: number,
      nextMinute: number,
    ): Result<number | [outcome: number, whereabouts: string, cells: string], Context>;
    clearLocation(
      key: string,
      channel: string,
      devicesKey: string,
      clearedAtMs: number,
      ttlMs: number,
      futureMs: number,
    ): Result<number, Context>;
    confirmWhereabouts(key: string, madeAtMs: number): Result<string | null, Context>;
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
 * @param chance draws the numbers of which margins of cells are made.
 */
export function createLocationStore(
  redis: RedisCommands,
  locationTtlMs: number,
  { locationKey, devicesKey, userChannel }: Pick<Names, 'locationKey' | 'devicesKey' | 'userChannel'>,
  clock: Clock,
  onUnreadable = (): void => undefined,
  chance = secureChance,
): LocationStore {
  const steps = redis instanceof Cluster ? [SPUBLISH, KEEP] : [KEEP, PUBLISH];
  redis.defineCommand('keepNewestLocation', { numberOfKeys: 2, lua: keepNewest(steps) });
  redis.defineCommand('clearLocation', { numberOfKeys: 3, lua: clear(steps) });
  redis.defineCommand('keepBesideLocation', { numberOfKeys: 2, lua: KEEP_BESIDE });
  redis.defineCommand('confirmWhereabouts', { numberOfKeys: 1, lua: CONFIRM });
  let reportUnannounced = (_userId: string, _update: LocationUpdate): void => undefined;

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

  /** The location that a key holds, or when it was taken back. */
  function keptIn(text: string | null): LocationUpdate | number | null {
    const nowMs = clock.now();
    return parsed(text, (value) => clearedAtIn(value, nowMs) ?? fromRecord(value, nowMs));
  }

  const read = createKeyReader(redis, clock, keptIn);

  return {
    async publish(userId, update, takeOver = false) {
      const nowMs = clock.now();
      // An update may have waited for Redis to come back.
      const leftMs = Math.min(update.receivedAtMs + locationTtlMs - nowMs, locationTtlMs);
      if (leftMs <= 0) return 'outdated';
      const [recordBefore, recordAfter] = recordAround(update);
      // One write for all updates of a tick. ioredis' automatic pipelines would do it too, but V8 keeps each
      // of them, with its commands, until it collects the old generation; only a cluster can't do without
      // them.
      if (redis instanceof Redis) writeTogether(redis.stream);
      const kept = await answer(
        redis.keepNewestLocation(
          locationKey(userId),
          userChannel(userId),
          update.recordedAtMs,
          update.id,
          recordBefore,
          Math.ceil(leftMs),
          nowMs + SERVER_CLOCKS_DIFFER_MS,
          update.stillHere === true ? '1' : '',
          update.device ?? '',
          takeOver ? '1' : '',
          recordAfter,
          update.latitude,
          update.longitude,
          update.receivedAtMs,
          chance(),
          minuteOf(nowMs) / MINUTE_MS + 1,
        ),
      );
      const [outcome, whereabouts, cells] = typeof kept === 'number' ? [kept] : kept;
      if (outcome === PUBLISHED_OVER_UNREADABLE) onUnreadable();
      if (whereabouts !== undefined && cells !== undefined)
        reportUnannounced(userId, { ...update, whereabouts, cells });
      return OUTCOMES[outcome] ?? 'outdated';
    },

    onUnannounced(listener) {
      reportUnannounced = listener;
    },

    async confirm(userId, madeAtMs) {
      const kept = keptIn(await answer(redis.confirmWhereabouts(locationKey(userId), madeAtMs)));
      return typeof kept === 'number' ? null : kept;
    },

    async newest(userIds, onCleared) {
      const kept = await read(userIds.map(locationKey)).catch(unavailable);
      return kept.map((location, index) => {
        if (typeof location !== 'number') return location;
        onCleared?.(userIds[index] ?? '', location);
        return null;
      });
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

    async clear(userId, clearedAtMs) {
      const cleared = redis.clearLocation(
        locationKey(userId),
        userChannel(userId),
        devicesKey(userId),
        clearedAtMs,
        locationTtlMs,
        clock.now() + SERVER_CLOCKS_DIFFER_MS,
      );
      return (await answer(cleared).catch(unavailable)) === 1;
    },
  };
}

const KEEP = `redis.call('SET', KEYS[1], record, 'PX', ttlMs)`;
const PUBLISH = `redis.call('PUBLISH', KEYS[2], record)`;
const SPUBLISH = `redis.call('SPUBLISH', KEYS[2], record)`;

// A record starts with its order, [time,"id",… and ends with the device, …,"device"], if that has a name: see
// domain/location-update.ts, whose newestAfter() this repeats. An equal id is a sign of life or else a retry.
// What is no record of this version or the one before, or not even text, counts as absent. What may fail
// comes first, so that a location is not kept and published in part. On a cluster that is publishing, while a
// slot moves: a location that was kept already would count as published. On one Redis it is keeping: a
// replica refuses that, and so does a full Redis, but both accept PUBLISH.
const keepNewest = (steps: readonly string[]): string => `
local known = redis.pcall('GET', KEYS[1])
local outcome, ttlMs = 1, ARGV[4]
local time, id, received, more, record
if type(known) == 'string' then
  time, id, received, more = string.match(known, '${RECORD}')
  local cleared = not time and tonumber(string.match(known, '${CLEARING}'))
  if cleared then
    local isBefore = tonumber(ARGV[12]) <= cleared or (ARGV[6] == '' and tonumber(ARGV[1]) <= cleared)
    if isBefore and cleared <= tonumber(ARGV[5]) then return 0 end
    known = false
  end
end
if known then
  local version = more == '' and 'null' or string.match(more or '', '^,([^,]+)') or ''
  if version ~= '${RECORD_VERSION}' and version ~= 'null' and string.sub(version, 1, 1) ~= '"' then
    outcome = 3
    more = nil
  elseif id == ARGV[2] then
    if ARGV[6] == '' then return 0 end
  else
    local device = ARGV[7] ~= '' and string.match(more, ',"(%x+)"$') or ARGV[7]
    if device ~= ARGV[7] and ARGV[8] == '' then return 2 end
    local order = tonumber(time) - tonumber(ARGV[1])
    if tonumber(time) <= tonumber(ARGV[5]) and (order > 0 or (order == 0 and id > ARGV[2])) then
      if ARGV[6] == '' or tonumber(ARGV[12]) <= tonumber(received) then return 0 end
      if device == ARGV[7] then record = string.gsub(known, ',%d+,', ',' .. ARGV[12] .. ',', 1) end
    end
  end
elseif ARGV[8] ~= '' then
  return 0
end
local whereabouts, cells, unannounced
${TELL}
if record then
  if cell then record = string.gsub(record, '"~[%d,]+"', '"' .. ${CELLS_TEXT} .. '"', 1) end
else
${WHEREABOUTS}
${CELL}
  cells = ${CELLS_TEXT}
  record = ARGV[3] .. whereabouts .. '","' .. cells .. ARGV[9]
end
${steps.join('\n')}
if unannounced then return {outcome, whereabouts, cells} end
return outcome`;

/** Of latitude, and of longitude at the equator. */
const METERS_PER_DEGREE = (EARTH_RADIUS_METERS * Math.PI) / 180;

/** A record as a pattern of Lua: time, id, time of receipt, and what follows the accuracy. */
const RECORD = String.raw`^%[(%d+),"([%x-]+)",(%d+),[%d.e+-]+,[%d.e+-]+,[%d.e+nul-]+([^%[%]]*)%]$`;

/** A location that was taken back, as a pattern of Lua. */
const CLEARING = String.raw`^%[(%d+),"cleared"%]$`;

// Repeats nextWhereabouts() and isOverdue() of domain/whereabouts.ts. What can't be read counts as nothing
// known. Most updates need no trigonometry: two places are never farther apart than they would be at the
// equator.
const WHEREABOUTS = String.raw`
local latitude, longitude, now = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local a, b, reach, made, bits
whereabouts, a, b, reach, made, bits = string.match(more or '',
  ',"((-?%d[%d.e-]*),(-?%d[%d.e-]*),(%d+),(%d+),([0-3]))"')
a, b, reach, made, bits = tonumber(a), tonumber(b), tonumber(reach), tonumber(made), tonumber(bits)
local away
if a and b and math.abs(a) <= 90 and math.abs(b) <= 180 and reach >= 1 and reach <= ${READABLE_REACH_METERS} then
  local north, east = latitude - a, longitude - b
  if (north * north + east * east) * ${METERS_PER_DEGREE ** 2} <= reach * reach * 0.998 then
    away = 0
  else
    local sinA, sinB = math.sin(math.rad(north) / 2), math.sin(math.rad(east) / 2)
    local h = sinA * sinA + math.cos(math.rad(a)) * math.cos(math.rad(latitude)) * sinB * sinB
    away = 2 * ${EARTH_RADIUS_METERS} * math.asin(math.min(1, math.sqrt(h)))
  end
end
if away and away <= reach then
  unannounced = bits < 2 and now - made > ${ANNOUNCEMENT_MS}
else
  local nextReach = ${LEAST_REACH_METERS}
  if away then
    nextReach = away / math.max((now - made) / 1000, 1) * ${TRAVEL_SECONDS}
    nextReach = math.floor(math.min(math.max(nextReach, ${LEAST_REACH_METERS}), ${GREATEST_REACH_METERS}))
  end
  whereabouts = table.concat({ARGV[10], ARGV[11], string.format('%d', nextReach), ARGV[12], away and '0' or '1'}, ',')
  unannounced = true
end`;

// Repeats nextCells() of domain/approximate-place.ts with the grid of domain/grid.ts. Most updates stay in their cell,
// which needs one cosine. What was kept may have been kept for this minute, too, and is then not told yet.
const TELL = String.raw`
local cell, margin, from, told = string.match(more or '', ',"~(%d+),(%d+),(%d+),(%d+,%d+,%d+)"')
cell, margin, from = tonumber(cell), tonumber(margin), tonumber(from)
if cell and cell >= ${(CELL_ROWS + 1) * 2 * CELL_ROWS} then cell = nil end
if cell and from < tonumber(ARGV[14]) then
  told = string.format('%d,%d,%d', cell, math.floor(time / ${MINUTE_MS}), math.floor(received / ${MINUTE_MS}))
end
from = ARGV[14]`;

const CELL = String.raw`
local function columnsOf(row)
  return math.max(1, math.floor(${2 * CELL_ROWS} * math.cos((row / ${CELL_ROWS} - 0.5) * math.pi) + 0.5))
end
local row = math.floor((latitude + 90) / 180 * ${CELL_ROWS} + 0.5)
local columns = columnsOf(row)
local here = row * ${2 * CELL_ROWS} + math.floor((longitude + 180) / 360 * columns) % columns
if not cell then
  cell, from, told = here, 0, here .. ',0,0'
  margin = ${LEAST_MARGIN_METERS} + math.floor(tonumber(ARGV[13]) * ${GREATEST_MARGIN_METERS - LEAST_MARGIN_METERS + 1})
elseif cell ~= here then
  row = math.floor(cell / ${2 * CELL_ROWS})
  local width, parallel = 360 / columnsOf(row), row / ${CELL_ROWS} * 180 - 90
  local middle = (cell % ${2 * CELL_ROWS} + 0.5) * width - 180
  local north = math.max(math.abs(latitude - parallel) - ${90 / CELL_ROWS}, 0)
  local east = math.max(math.abs((longitude - middle + 540) % 360 - 180) - width / 2, 0)
  local edge = latitude > parallel and latitude - north or latitude + north
  local sinA, sinB = math.sin(math.rad(north) / 2), math.sin(math.rad(east) / 2)
  local h = sinA * sinA + math.cos(math.rad(edge)) * math.cos(math.rad(latitude)) * sinB * sinB
  if 2 * ${EARTH_RADIUS_METERS} * math.asin(math.min(1, math.sqrt(h))) > margin then
    cell = here
    margin = margin + math.floor((2 * tonumber(ARGV[13]) - 1) * ${MARGIN_STEP_METERS})
    if margin < ${LEAST_MARGIN_METERS} then margin = ${2 * LEAST_MARGIN_METERS} - margin end
    if margin > ${GREATEST_MARGIN_METERS} then margin = ${2 * GREATEST_MARGIN_METERS} - margin end
  end
end`;

const CELLS_TEXT = `table.concat({'~' .. cell, margin, from, told}, ',')`;

// The bits of the whereabouts end their text.
const CONFIRM = String.raw`
local known = redis.pcall('GET', KEYS[1])
if type(known) ~= 'string' then return false end
local _, last = string.find(known, ',' .. ARGV[1] .. ',[01]"')
if last then
  known = string.sub(known, 1, last - 2) .. (string.sub(known, last - 1, last - 1) + 2) .. string.sub(known, last)
  redis.call('SET', KEYS[1], known, 'KEEPTTL')
end
return known`;

const KEEP_BESIDE = `
local known = redis.call('GET', KEYS[1])
if known and not string.match(known, '${CLEARING}') then redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2]) end`;

// What was kept was on its way, too, whatever the clock of its server says; unless it came so much later that this
// clearing is a retry, which undoes nothing that came after it.
const clear = (steps: readonly string[]): string => `
local known = redis.pcall('GET', KEYS[1])
local received = type(known) == 'string' and tonumber((select(3, string.match(known, '${RECORD}'))))
local before = type(known) == 'string' and tonumber((string.match(known, '${CLEARING}')))
local at, ttlMs, future = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
if received and received <= future then
  if received > at + ${SERVER_CLOCKS_DIFFER_MS} then return 0 end
  at = math.max(at, received)
end
if before and before <= future then at = math.max(at, before) end
local record = string.format('[%.0f,"cleared"]', at)
redis.call('DEL', KEYS[3])
${steps.join('\n')}
return received and 1 or 0`;

const PUBLISHED_OVER_UNREADABLE = 3;
const OUTCOMES: readonly PublishOutcome[] = ['outdated', 'published', 'other-device', 'published'];

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
