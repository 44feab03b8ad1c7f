/**
 * The history in PostgreSQL on its way to another store: its days, newest first, in portions by user and time. A portion
 * is deleted here in the transaction in which it is copied; whoever deletes it meanwhile waits, and finds the copy.
 */
import type pg from 'pg';
import { roundDegrees } from '../../domain/rounding.js';
import type { HistoryRow } from '../../services/history-buffer.js';
import { databaseStore } from './failures.js';
import { whileUsersStay } from './while-users-stay.js';

export function createDepartingHistory(pool: pg.Pool, portionRows: number): DepartingHistory {
  return databaseStore<DepartingHistory>({
    async days(fromMs) {
      const { rows } = await pool.query<DepartingDay>(DAYS, [iso(fromMs)]);
      return rows;
    },

    async usersOn(day) {
      const { rows } = await pool.query<{ users: number }>(USERS, boundsOf(day));
      return rows[0]?.users ?? 0;
    },

    async nextPortion(day, after) {
      const { rows } = await pool.query<Key>(PORTION, [...boundsOf(day), ...valuesOf(after), portionRows]);
      const last = rows.at(-1);
      if (last === undefined) return null;
      const userIds = [...new Set(rows.map(({ user_id }) => user_id))];
      const upTo = { userId: last.user_id, recordedAtMs: last.recorded_at.getTime(), id: last.id };
      return { day, after, upTo, userIds };
    },

    async take({ day, after, upTo, userIds }, copy) {
      try {
        return await whileUsersStay(pool, userIds, async ({ unknown, client, readMicros }) => {
          const bounds = [...boundsOf(day), ...valuesOf(after), ...valuesOf(upTo)];
          const { rows } = await client.query<Row>(TAKE, [...bounds, userIds]);
          const toCopy = rows.filter(({ user_id }) => !unknown.has(user_id)).map(toHistoryRow);
          const refused = await copy(toCopy, readMicros);
          if (refused.length > 0) throw new Kept(refused);
          return { rows: rows.length, keptOf: [] };
        });
      } catch (error) {
        if (error instanceof Kept) return { rows: 0, keptOf: error.userIds };
        throw error;
      }
    },
  });
}

export interface DepartingHistory {
  /** Resolves to the days that have rows which were recorded at `fromMs` or later, newest first. */
  days(fromMs: number): Promise<readonly DepartingDay[]>;
  /** Counts the users who have rows of the day. */
  usersOn(day: number): Promise<number>;
  /** Resolves to what comes next after a row of the day, or to null when nothing does. */
  nextPortion(day: number, after: RowKey | null): Promise<Portion | null>;
  /**
   * Deletes the rows of a portion when `copy` has taken them all. Those of users without an account are not copied.
   * @param copy resolves to users whose rows it could not take; then nothing is deleted.
   */
  take(
    portion: Portion,
    copy: (rows: readonly HistoryRow[], readMicros: () => Promise<bigint>) => Promise<readonly string[]>,
  ): Promise<Taken>;
}

export interface Taken {
  readonly rows: number;
  /** The users whose rows could not be taken. */
  readonly keptOf: readonly string[];
}

export interface DepartingDay {
  /** Since the epoch, UTC. */
  readonly day: number;
  readonly rows: number;
}

export interface RowKey {
  readonly userId: string;
  readonly recordedAtMs: number;
  readonly id: string;
}

/** The rows of some users on a day that lie after one row, up to another one. */
export interface Portion {
  readonly day: number;
  readonly after: RowKey | null;
  readonly upTo: RowKey;
  readonly userIds: readonly string[];
}

class Kept extends Error {
  constructor(readonly userIds: readonly string[]) {
    super();
  }
}

interface Key {
  readonly user_id: string;
  readonly recorded_at: Date;
  readonly id: string;
}

interface Row extends Key {
  readonly received_at: Date;
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracy_meters: number | null;
  readonly speed_meters_per_second: number | null;
  readonly heading_degrees: number | null;
  /** Null where no id of a client is remembered. */
  readonly fingerprint: string | null;
}

const DAYS = `
SELECT floor(extract(epoch FROM recorded_at) / 86400)::int AS day, count(*)::float8 AS rows
FROM location_history WHERE recorded_at >= $1 GROUP BY 1 ORDER BY 1 DESC`;

const ON_DAY = 'recorded_at >= $1 AND recorded_at < $2';

const USERS = `SELECT count(DISTINCT user_id)::int AS users FROM location_history WHERE ${ON_DAY}`;

const AFTER = `${ON_DAY} AND (user_id, recorded_at, id) > ($3::uuid, $4::timestamptz, $5::uuid)`;

const PORTION = `
SELECT user_id, recorded_at, id FROM location_history WHERE ${AFTER}
ORDER BY user_id, recorded_at, id LIMIT $6`;

/** Users who are not named have come since the portion was found. */
const TAKE = `
WITH taken AS (
  DELETE FROM location_history
  WHERE ${AFTER} AND (user_id, recorded_at, id) <= ($6::uuid, $7::timestamptz, $8::uuid) AND user_id = ANY($9::uuid[])
  RETURNING *
), forgotten AS (
  DELETE FROM location_ids USING taken
  WHERE location_ids.user_id = taken.user_id AND location_ids.id = taken.id
    AND location_ids.recorded_at = taken.recorded_at
  RETURNING location_ids.user_id, location_ids.id, location_ids.recorded_at, location_ids.fingerprint
)
SELECT * FROM taken LEFT JOIN forgotten USING (user_id, id, recorded_at)`;

const DAY_MS = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const boundsOf = (day: number): [string, string] => [iso(day * DAY_MS), iso((day + 1) * DAY_MS)];

const LEAST_ID = '00000000-0000-0000-0000-000000000000';
const valuesOf = (key: RowKey | null): string[] =>
  key === null ? [LEAST_ID, iso(0), LEAST_ID] : [key.userId, iso(key.recordedAtMs), key.id];

function toHistoryRow(row: Row): HistoryRow {
  return {
    userId: row.user_id,
    id: row.id,
    fingerprint: row.fingerprint,
    // Older rows have them as the device gave them.
    latitude: roundDegrees(row.latitude),
    longitude: roundDegrees(row.longitude),
    accuracyMeters: row.accuracy_meters,
    speedMetersPerSecond: row.speed_meters_per_second ?? undefined,
    headingDegrees: row.heading_degrees ?? undefined,
    recordedAtMs: row.recorded_at.getTime(),
    receivedAtMs: row.received_at.getTime(),
  };
}
