/**
 * The location history in Cassandra, which each user reads and deletes for themselves. The days of which a user may have
 * locations are in a table of their own, so that days without any cost nothing.
 */
import type { Client, types } from 'cassandra-driver';
import pLimit from 'p-limit';
import type { TimePlace } from '../../domain/cursor.js';
import type { LocationUpdate } from '../../domain/location-update.js';
import type { HistoryRange, HistoryStore } from '../../services/location-history.js';
import type { Clock } from '../../time/clock.js';
import { REMEMBERED_ID_DAYS } from '../claimed-ids.js';
import { DAY_MS, dateOf, type Day, dayFrom, dayOf, NOTED_DAYS_BACK } from './days.js';
import { clusterStore } from './failures.js';
import { allRowsOf, type Contents, motionOf, rowsOf } from './rows.js';

export function createHistoryStore(options: Options): CassandraHistory {
  const { client, readMicros, retentionDays, clock } = options;
  const limit = pLimit(REQUESTS_AT_ONCE);

  /** The user's days that may have locations from `fromMs` until before `toMs`, newest first. */
  async function daysOf(userId: string, fromMs: number, toMs: number): Promise<Day[]> {
    if (fromMs >= toMs) return [];
    const bounds = [dateOf(dayOf(fromMs)), dateOf(dayOf(toMs - 1))];
    const rows = await allRowsOf<Noted>(await client.execute(DAYS, [userId, ...bounds]));
    return rows.map(({ day }) => dayFrom(day));
  }

  async function readDay(userId: string, day: Day, slice: Slice, most: number): Promise<LocationUpdate[]> {
    const { above, below, oldestFirst } = slice;
    const bounds = [above.atMs, above.id, below.atMs, below.id];
    const statement = oldestFirst ? READ_OLDEST_FIRST : READ;
    const result = await client.execute(statement, [userId, dateOf(day), ...bounds, most]);
    return rowsOf<Row>(result).map(toUpdate);
  }

  async function find(userId: string, day: Day, fromMs: number, toMs: number): Promise<Found[]> {
    return allRowsOf(await client.execute(FIND, [userId, dateOf(day), fromMs, toMs]));
  }

  /**
   * Forgets the ids of a day's locations, unless they are forgotten anyway, whatever clock dated them: the server's, or
   * that of a node which decided who was first.
   */
  async function forgetIds(
    userId: string,
    day: Day,
    found: readonly Found[],
    nowMicros: bigint,
  ): Promise<void> {
    if (day < dayOf(clock.now()) - REMEMBERED_ID_DAYS - 1) return;
    const deletedAt = nowMicros + AHEAD_MICROS;
    await limit.map(found, ({ id }) => client.execute(FORGET_ID, [deletedAt, userId, id]));
  }

  /** Deletes what is there now. Resolves to the number of locations. */
  async function deleteSpan(userId: string, day: Day, { fromMs, toMs }: Span, nowMicros: bigint) {
    const found = await find(userId, day, fromMs, toMs);
    // The ids go first: what is left of a deletion that breaks off is a location, which the user sees.
    await forgetIds(userId, day, found, nowMicros);
    const deletedAt = found.reduce((latest, { written }) => (written > latest ? written : latest), nowMicros);
    const date = dateOf(day);
    await client.execute(DELETE, [deletedAt, userId, date, fromMs, toMs]);
    // With the whole day its note is deleted as of the same time, and so is every write that noted it before.
    const isWhole = fromMs <= day * DAY_MS && (day + 1) * DAY_MS <= toMs;
    if (isWhole && day < dayOf(clock.now()) - NOTED_DAYS_BACK - 1) {
      await client.execute(FORGET_DAY, [deletedAt, userId, date]);
    }
    return found.length;
  }

  async function claimsOf(userId: string, ids: readonly string[]): Promise<StoredClaim[]> {
    const found = await limit.map(ids, async (id) => {
      const rows = rowsOf<Claimed>(await client.execute(FIND_CLAIM, [userId, id]));
      return rows.map(({ fingerprint, recorded_at }) => {
        return { id, fingerprint: fingerprint.toString(), recordedAtMs: recorded_at.getTime() };
      });
    });
    return found.flat();
  }

  return clusterStore<CassandraHistory>({
    claimsOf,

    async read(userId, range, after, most) {
      const slice = sliceOf(range, after, (dayOf(clock.now()) - retentionDays) * DAY_MS);
      const days = await daysOf(userId, slice.fromMs, slice.toMs);
      if (slice.oldestFirst) days.reverse();
      const read: LocationUpdate[] = [];
      // Most pages are found in one day or two. Where days have few locations, more and more are asked at once.
      for (let at = 0, width = 1; at < days.length && read.length < most; at += width, width *= 2) {
        width = Math.min(width, DAYS_AT_ONCE);
        const left = most - read.length;
        const found = await limit.map(days.slice(at, at + width), (day) => readDay(userId, day, slice, left));
        read.push(...found.flat());
      }
      return read.slice(0, most);
    },

    async fingerprintsOf(userId, ids) {
      return (await claimsOf(userId, ids)).map(({ id, fingerprint }) => [id, fingerprint]);
    },

    async delete(userId, range) {
      const { fromMs, toMs } = boundsOf(range);
      const nowMicros = await readMicros();
      let deleted = 0;
      for (const day of await daysOf(userId, fromMs, toMs)) {
        deleted += await deleteSpan(userId, day, { fromMs, toMs }, nowMicros);
      }
      return deleted;
    },

    async deleteDay(userId, day) {
      await deleteSpan(userId, day, { fromMs: day * DAY_MS, toMs: (day + 1) * DAY_MS }, await readMicros());
    },

    async eraseUser(userId) {
      const nowMicros = await readMicros();
      const erasedAt = nowMicros + AHEAD_MICROS;
      const eraseDay = async (day: Day): Promise<void> => {
        const found = await find(userId, day, 0, LATEST_MS);
        await forgetIds(userId, day, found, nowMicros);
        await client.execute(ERASE_DAY, [erasedAt, userId, dateOf(day)]);
      };
      const days = await daysOf(userId, 0, LATEST_MS);
      for (let at = 0; at < days.length; at += DAYS_AT_ONCE) {
        await Promise.all(days.slice(at, at + DAYS_AT_ONCE).map(eraseDay));
      }
      await client.execute(ERASE_DAYS, [erasedAt, userId]);
    },
  });
}

export interface CassandraHistory extends HistoryStore {
  /** Resolves to what those of the ids stand for that clients chose and that are remembered. */
  claimsOf(userId: string, ids: readonly string[]): Promise<readonly StoredClaim[]>;
  /** Deletes a day, as when another store has it. */
  deleteDay(userId: string, day: Day): Promise<void>;
  /** Deletes the history of a user whose account is deleted. It can be done again. */
  eraseUser(userId: string): Promise<void>;
}

export interface StoredClaim {
  readonly id: string;
  readonly fingerprint: string;
  readonly recordedAtMs: number;
}

interface Options {
  readonly client: Client;
  /** Reads the time that all servers share, microseconds since the epoch. */
  readonly readMicros: () => Promise<bigint>;
  readonly retentionDays: number;
  readonly clock: Clock;
}

/** Requests of all readers that Cassandra has not answered. */
const REQUESTS_AT_ONCE = 128;
const DAYS_AT_ONCE = 16;
/** The year 10000. */
const LATEST_MS = 253_402_300_800_000;
/** Cassandra's order of ids begins and ends with these. */
const LEAST_ID = '00000000-0000-0000-0000-000000000000';
const GREATEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/**
 * The erasure of an account is dated a day ahead: whatever a write says that is still under way, by whatever clock, the
 * erasure is newer. Nothing is written after it. Ids are forgotten likewise, so that within that day such an id is not
 * remembered again.
 */
const AHEAD_MICROS = 86_400_000_000n;

const DAYS = `SELECT day FROM location_days WHERE user_id = ? AND day >= ? AND day <= ?`;

const READ = `
SELECT id, recorded_at, received_at, latitude, longitude, accuracy_meters, speed_meters_per_second, heading_degrees
FROM locations
WHERE user_id = ? AND day = ? AND (recorded_at, id) > (?, ?) AND (recorded_at, id) < (?, ?)
ORDER BY recorded_at DESC
LIMIT ?`;

const READ_OLDEST_FIRST = READ.replace('DESC', 'ASC');

const FIND_CLAIM = `SELECT fingerprint, recorded_at FROM location_ids WHERE user_id = ? AND id = ?`;

const FIND = `
SELECT id, recorded_at, writetime(latitude) AS written FROM locations
WHERE user_id = ? AND day = ? AND recorded_at >= ? AND recorded_at < ?`;

const DELETE = `
DELETE FROM locations USING TIMESTAMP ?
WHERE user_id = ? AND day = ? AND recorded_at >= ? AND recorded_at < ?`;

const FORGET_DAY = `DELETE FROM location_days USING TIMESTAMP ? WHERE user_id = ? AND day = ?`;

const FORGET_ID = `DELETE FROM location_ids USING TIMESTAMP ? WHERE user_id = ? AND id = ?`;

const ERASE_DAY = `DELETE FROM locations USING TIMESTAMP ? WHERE user_id = ? AND day = ?`;

const ERASE_DAYS = `DELETE FROM location_days USING TIMESTAMP ? WHERE user_id = ?`;

interface Row extends Contents {
  readonly id: types.Uuid;
  readonly recorded_at: Date;
  readonly received_at: Date;
}

interface Found {
  readonly id: types.Uuid;
  readonly recorded_at: Date;
  /** Microseconds since the epoch. */
  readonly written: bigint;
}

interface Claimed {
  readonly fingerprint: types.Uuid;
  readonly recorded_at: Date;
}

interface Noted {
  readonly day: types.LocalDate;
}

/** What is read of each day. */
interface Slice {
  readonly fromMs: number;
  /** Not included. */
  readonly toMs: number;
  /** The places that enclose it, themselves not included. */
  readonly above: TimePlace;
  readonly below: TimePlace;
  readonly oldestFirst: boolean;
}

interface Span {
  readonly fromMs: number;
  /** Not included. */
  readonly toMs: number;
}

function boundsOf({ fromMs, toMs }: HistoryRange): Span {
  return { fromMs: Math.max(fromMs ?? 0, 0), toMs: Math.min(toMs ?? LATEST_MS, LATEST_MS) };
}

function sliceOf(range: HistoryRange, after: TimePlace | null, oldestKeptMs: number): Slice {
  const { oldestFirst = false } = range;
  const { fromMs: askedMs, toMs } = boundsOf(range);
  const fromMs = Math.max(askedMs, oldestKeptMs);
  const whole = {
    fromMs,
    toMs,
    above: { atMs: fromMs - 1, id: GREATEST_ID },
    below: { atMs: toMs, id: LEAST_ID },
    oldestFirst,
  };
  if (after === null) return whole;
  if (oldestFirst) return after.atMs < fromMs ? whole : { ...whole, fromMs: after.atMs, above: after };
  return after.atMs >= toMs ? whole : { ...whole, toMs: after.atMs + 1, below: after };
}

function toUpdate(row: Row): LocationUpdate {
  return {
    id: row.id.toString(),
    latitude: row.latitude,
    longitude: row.longitude,
    accuracyMeters: row.accuracy_meters,
    speedMetersPerSecond: motionOf(row.speed_meters_per_second),
    headingDegrees: motionOf(row.heading_degrees),
    recordedAtMs: row.recorded_at.getTime(),
    receivedAtMs: row.received_at.getTime(),
  };
}
