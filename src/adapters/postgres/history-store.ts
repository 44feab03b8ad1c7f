/** The location history in PostgreSQL, which each user reads and deletes for themselves. */
import type pg from 'pg';
import type { LocationUpdate } from '../../domain/location-update.js';
import { roundDegrees } from '../../domain/rounding.js';
import type { HistoryStore } from '../../services/location-history.js';
import { type Clock, systemClock } from '../../time/clock.js';
import { databaseStore } from './failures.js';
import { named } from './prepared.js';

export function createHistoryStore(
  pool: pg.Pool,
  clock: Clock = systemClock,
  nameStatement = named,
): HistoryStore {
  const store: HistoryStore = {
    async read(userId, { fromMs, toMs, oldestFirst = false }, after, limit) {
      const { rows } = await pool.query<Row>({
        name: nameStatement(oldestFirst ? 'read-history-upwards' : 'read-history'),
        text: oldestFirst ? READ_OLDEST_FIRST : READ,
        values: [userId, instant(fromMs), instant(toMs), instant(after?.atMs ?? null), after?.id, limit],
      });
      return rows.map(toUpdate);
    },

    async fingerprintsOf(userId, ids) {
      const { rows } = await pool.query<{ id: string; fingerprint: string }>(FINGERPRINTS, [userId, ids]);
      return rows.map(({ id, fingerprint }) => [id, fingerprint]);
    },

    async delete(userId, { fromMs, toMs }) {
      const { rowCount } = await pool.query(DELETE, [userId, instant(fromMs), instant(toMs)]);
      return rowCount ?? 0;
    },
  };
  return databaseStore(store, clock);
}

interface Row {
  readonly id: string;
  readonly recorded_at_ms: number;
  readonly received_at_ms: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracy_meters: number | null;
  readonly speed_meters_per_second: number | null;
  readonly heading_degrees: number | null;
}

const SELECT = `
SELECT id, latitude, longitude, accuracy_meters, speed_meters_per_second, heading_degrees,
       (extract(epoch FROM recorded_at) * 1000)::float8 AS recorded_at_ms,
       (extract(epoch FROM received_at) * 1000)::float8 AS received_at_ms
FROM location_history
WHERE user_id = $1
  AND recorded_at >= coalesce($2, '-infinity'::timestamptz) AND recorded_at < coalesce($3, 'infinity'::timestamptz)`;

const READ = `${SELECT}
  AND (recorded_at, id) < (coalesce($4, 'infinity'::timestamptz), coalesce($5, '00000000-0000-0000-0000-000000000000'::uuid))
ORDER BY recorded_at DESC, id DESC
LIMIT $6`;

const READ_OLDEST_FIRST = `${SELECT}
  AND (recorded_at, id) > (coalesce($4, '-infinity'::timestamptz), coalesce($5, '00000000-0000-0000-0000-000000000000'::uuid))
ORDER BY recorded_at, id
LIMIT $6`;

const FINGERPRINTS = `
SELECT id, fingerprint FROM location_ids WHERE user_id = $1 AND id = ANY($2::uuid[])`;

const DELETE = `
WITH forgotten AS (
  DELETE FROM location_ids
  WHERE user_id = $1
    AND recorded_at >= coalesce($2, '-infinity'::timestamptz) AND recorded_at < coalesce($3, 'infinity'::timestamptz)
)
DELETE FROM location_history
WHERE user_id = $1
  AND recorded_at >= coalesce($2, '-infinity'::timestamptz) AND recorded_at < coalesce($3, 'infinity'::timestamptz)`;

function toUpdate(row: Row): LocationUpdate {
  return {
    id: row.id,
    // Older rows have them as the device gave them.
    latitude: roundDegrees(row.latitude),
    longitude: roundDegrees(row.longitude),
    accuracyMeters: row.accuracy_meters,
    speedMetersPerSecond: row.speed_meters_per_second ?? undefined,
    headingDegrees: row.heading_degrees ?? undefined,
    recordedAtMs: row.recorded_at_ms,
    receivedAtMs: row.received_at_ms,
  };
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
