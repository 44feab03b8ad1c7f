/** What the ids that clients chose stand for: each for the contents that came first with it. */
import type { types } from 'cassandra-driver';
import type { HistoryRow } from '../../services/history-buffer.js';
import { type Claim, REMEMBERED_ID_DAYS } from '../claimed-ids.js';
import { dateOf, dayOf, secondsLeft } from './days.js';
import type { HistoryRowsOptions } from './history-rows.js';
import { type Contents, motionOf, rowsOf } from './rows.js';

export function createClaims({ client, retentionDays, clock }: HistoryRowsOptions) {
  const idDays = Math.min(REMEMBERED_ID_DAYS, retentionDays);

  async function find({ userId, id, recordedAtMs }: Place): Promise<Contents | undefined> {
    const place = [userId, dateOf(dayOf(recordedAtMs)), recordedAtMs, id];
    return rowsOf<Contents>(await client.execute(FIND, place))[0];
  }

  return {
    /**
     * Resolves to what the id stands for already, or to null when it stands for this row from now on. A row with the
     * device's time is in one place, whoever writes it, so that looking first is enough. Where the server gave the time,
     * two servers would make two rows of one, and one of them has to win.
     *
     * @param writtenAt microseconds since the epoch.
     */
    async claim(row: HistoryRow, writtenAt: bigint): Promise<Claim | null> {
      const { userId, id, recordedAtMs, receivedAtMs } = row;
      const day = dayOf(recordedAtMs);
      const nowMs = clock.now();
      if (day < dayOf(nowMs) - idDays) return claimOf(row, await find(row));
      const values = [...valuesOf(row), secondsLeft(day, idDays, nowMs)];
      if (recordedAtMs === receivedAtMs) {
        const result = await client.execute(CLAIM_FIRST, values);
        return result.wasApplied() ? null : claimIn(result);
      }
      const known = claimIn(await client.execute(FIND_CLAIM, [userId, id]));
      if (known === null) await client.execute(CLAIM, [...values, writtenAt]);
      return known;
    },

    /** Lets the id stand for this row, whatever it stood for. @param writtenAt as for claim(). */
    async set(row: HistoryRow, writtenAt: bigint): Promise<void> {
      const day = dayOf(row.recordedAtMs);
      const nowMs = clock.now();
      if (day < dayOf(nowMs) - idDays) return;
      await client.execute(CLAIM, [...valuesOf(row), secondsLeft(day, idDays, nowMs), writtenAt]);
    },

    /** Whether there is a location in this place. */
    isThere: async (place: Place): Promise<boolean> => (await find(place)) !== undefined,
  };
}

const valuesOf = ({ userId, id, recordedAtMs, fingerprint }: HistoryRow) => [
  userId,
  id,
  recordedAtMs,
  fingerprint,
];

type Place = Pick<HistoryRow, 'userId' | 'id' | 'recordedAtMs'>;

interface Claimed {
  readonly recorded_at: Date;
  readonly fingerprint: types.Uuid;
}

const FIND_CLAIM = `SELECT recorded_at, fingerprint FROM location_ids WHERE user_id = ? AND id = ?`;

const INSERT_CLAIM = `INSERT INTO location_ids (user_id, id, recorded_at, fingerprint) VALUES (?, ?, ?, ?)`;
const CLAIM = `${INSERT_CLAIM} USING TTL ? AND TIMESTAMP ?`;
const CLAIM_FIRST = `${INSERT_CLAIM} IF NOT EXISTS USING TTL ?`;

const FIND = `
SELECT latitude, longitude, accuracy_meters, speed_meters_per_second, heading_degrees FROM locations
WHERE user_id = ? AND day = ? AND recorded_at = ? AND id = ?`;

/** Once an id is forgotten, it stands for what is kept under it in the row's place. */
function claimOf(row: HistoryRow, kept: Contents | undefined): Claim | null {
  if (kept === undefined) return null;
  const isSame =
    kept.latitude === row.latitude &&
    kept.longitude === row.longitude &&
    kept.accuracy_meters === row.accuracyMeters &&
    motionOf(kept.speed_meters_per_second) === row.speedMetersPerSecond &&
    motionOf(kept.heading_degrees) === row.headingDegrees;
  return { fingerprint: isSame ? row.fingerprint : null, recordedAtMs: row.recordedAtMs };
}

function claimIn(result: types.ResultSet): Claim | null {
  const [found] = rowsOf<Claimed>(result);
  return found === undefined
    ? null
    : { fingerprint: found.fingerprint.toString(), recordedAtMs: found.recorded_at.getTime() };
}
