/**
 * Writes the locations of a user's day, to expire with the day's retention, and the note of that day. To write the same
 * again changes nothing.
 */
import { type Client, types } from 'cassandra-driver';
import { LRUCache } from 'lru-cache';
import type { HistoryRow } from '../../services/history-buffer.js';
import type { Clock } from '../../time/clock.js';
import { MAX_RETENTION_DAYS } from './address.js';
import { dateOf, type Day, dayOf, NOTED_DAYS_BACK, secondsLeft } from './days.js';

export function createHistoryRows({ client, retentionDays, clock }: HistoryRowsOptions) {
  /** The users and recent days that were noted from here. */
  const noted = new LRUCache<string, true>({ max: NOTED_DAYS });
  const ttlOf = (day: Day): number => secondsLeft(day, retentionDays, clock.now());

  return {
    /**
     * Notes that the user may have locations of the day; of recent days once, as those are never forgotten. A note outlives
     * the locations by far, as the retention of those that are there may have been longer, and deletions look for notes.
     *
     * @returns whether something was written.
     */
    async note({ userId, day }: Pick<UserDay, 'userId' | 'day'>, writtenAt: bigint): Promise<boolean> {
      const key = `${userId}${day}`;
      const isRecent = day >= dayOf(clock.now()) - NOTED_DAYS_BACK;
      if (isRecent && noted.has(key)) return false;
      const ttl = secondsLeft(day, MAX_RETENTION_DAYS, clock.now());
      await client.execute(NOTE, [userId, dateOf(day), ttl, writtenAt]);
      if (isRecent) noted.set(key, true);
      return true;
    },

    /**
     * @param userDay no more rows than one request takes.
     * @param writtenAt microseconds since the epoch.
     * @param absent null empties what a row does not have. Default: what is there is left, which is cheaper.
     */
    async write(userDay: UserDay, writtenAt: bigint, absent: null | typeof types.unset = types.unset) {
      const date = dateOf(userDay.day);
      const ttl = ttlOf(userDay.day);
      const statements = userDay.rows.map((row) => ({
        query: WRITE,
        params: [
          row.userId,
          date,
          row.recordedAtMs,
          row.id,
          row.receivedAtMs,
          row.latitude,
          row.longitude,
          row.accuracyMeters ?? absent,
          row.speedMetersPerSecond ?? absent,
          row.headingDegrees ?? absent,
          ttl,
          writtenAt,
        ],
      }));
      const [first] = statements;
      if (statements.length === 1 && first !== undefined) await client.execute(first.query, first.params);
      else await client.batch(statements, { prepare: true, logged: false, isIdempotent: true });
    },
  };
}

export interface HistoryRowsOptions {
  readonly client: Client;
  /** Days, at most MAX_RETENTION_DAYS. */
  readonly retentionDays: number;
  readonly clock: Clock;
}

/** Rows of one user and day. */
export interface UserDay {
  readonly userId: string;
  readonly day: Day;
  readonly rows: HistoryRow[];
}

/** @param mostRows of one element. Default: what one request takes. */
export function byUserDay(rows: readonly HistoryRow[], mostRows = ROWS_AT_ONCE): UserDay[] {
  const days: UserDay[] = [];
  const open = new Map<string, UserDay>();
  for (const row of rows) {
    const day = dayOf(row.recordedAtMs);
    const key = `${row.userId}${day}`;
    const found = open.get(key);
    if (found !== undefined && found.rows.length < mostRows) {
      found.rows.push(row);
      continue;
    }
    const added = { userId: row.userId, day, rows: [row] };
    open.set(key, added);
    days.push(added);
  }
  return days;
}

/** Rows in one request: far below the 5 KiB of which Cassandra warns. */
const ROWS_AT_ONCE = 30;
const NOTED_DAYS = 100_000;

const NOTE = `INSERT INTO location_days (user_id, day) VALUES (?, ?) USING TTL ? AND TIMESTAMP ?`;

const WRITE = `
INSERT INTO locations (user_id, day, recorded_at, id, received_at, latitude, longitude, accuracy_meters,
                       speed_meters_per_second, heading_degrees)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TTL ? AND TIMESTAMP ?`;
