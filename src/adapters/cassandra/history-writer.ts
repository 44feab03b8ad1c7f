/**
 * Writes the location history to Cassandra, a group of rows at a time. Ids that clients chose are claimed first; then the
 * rows are written, those of one user and day together. Writing rows again changes nothing, so a group of which only a
 * part was written is written again as a whole.
 */
import { type Client, types } from 'cassandra-driver';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { HistoryRow, HistoryWriter } from '../../services/history-buffer.js';
import type { Clock } from '../../time/clock.js';
import { type Claim, claimKey, REMEMBERED_ID_DAYS, resultsOf, withoutRepeats } from '../claimed-ids.js';
import { dateOf, type Day, dayOf, NOTED_DAYS_BACK, secondsLeft } from './days.js';
import { clusterStore, isRefused } from './failures.js';
import { type Contents, motionOf, rowsOf } from './rows.js';

export function createHistoryWriter({
  client,
  whileUsersStay,
  retentionDays,
  clock,
}: Options): HistoryWriter {
  const limit = pLimit(REQUESTS_AT_ONCE);
  const each = <T>(items: readonly T[], work: (item: T) => Promise<unknown>) => limit.map(items, work);
  /** The users and recent days that this server has noted. */
  const noted = new LRUCache<string, true>({ max: NOTED_DAYS });
  const ttlOf = (day: Day): number => secondsLeft(day, retentionDays, clock.now());
  const idDays = Math.min(REMEMBERED_ID_DAYS, retentionDays);

  /**
   * Resolves to what the id stands for already, or to null when it stands for this row from now on. A row with the
   * device's time is in one place, whoever writes it, so that looking first is enough. Where the server gave the time,
   * two servers would make two rows of one, and one of them has to win.
   */
  async function claim(row: HistoryRow, writtenAt: bigint): Promise<Claim | null> {
    const { userId, id, recordedAtMs, receivedAtMs, fingerprint } = row;
    const day = dayOf(recordedAtMs);
    const nowMs = clock.now();
    if (day < dayOf(nowMs) - idDays) return claimOf(row, await find(row));
    const values = [userId, id, recordedAtMs, fingerprint, secondsLeft(day, idDays, nowMs)];
    if (recordedAtMs === receivedAtMs) {
      const result = await client.execute(CLAIM_FIRST, values);
      return result.wasApplied() ? null : claimIn(result);
    }
    const known = claimIn(await client.execute(FIND_CLAIM, [userId, id]));
    if (known === null) await client.execute(CLAIM, [...values, writtenAt]);
    return known;
  }

  /** Resolves to what is kept in the row's place. */
  async function find({ userId, id, recordedAtMs }: Place): Promise<Contents | undefined> {
    const place = [userId, dateOf(dayOf(recordedAtMs)), recordedAtMs, id];
    return rowsOf<Contents>(await client.execute(FIND, place))[0];
  }

  /**
   * Claims the ids of the rows, into `claims`. Resolves to the rows that are to be written: the server may have ended
   * between a claim and its row, so a retry brings a row that is missing.
   */
  async function claimAll(
    rows: readonly HistoryRow[],
    claims: Map<string, Claim>,
    writtenAt: bigint,
  ): Promise<HistoryRow[]> {
    const toWrite = rows.filter(({ fingerprint }) => fingerprint === null);
    const withIds = rows.filter(({ fingerprint }) => fingerprint !== null);
    await each(withIds, async (row) => {
      const known = await claim(row, writtenAt);
      if (known === null) {
        toWrite.push(row);
        return;
      }
      claims.set(claimKey(row.userId, row.id), known);
      const first = { ...row, recordedAtMs: known.recordedAtMs };
      if (known.fingerprint === row.fingerprint && (await find(first)) === undefined) toWrite.push(first);
    });
    return toWrite;
  }

  /** Notes that the user may have locations of the day; of recent days once, as those are never forgotten. */
  async function note({ userId, day }: UserDay, writtenAt: bigint): Promise<void> {
    const key = `${userId}${day}`;
    if (noted.has(key)) return;
    await client.execute(NOTE, [userId, dateOf(day), ttlOf(day), writtenAt]);
    if (day >= dayOf(clock.now()) - NOTED_DAYS_BACK) noted.set(key, true);
  }

  async function writeDay(userDay: UserDay, writtenAt: bigint): Promise<void> {
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
        row.accuracyMeters ?? types.unset,
        row.speedMetersPerSecond ?? types.unset,
        row.headingDegrees ?? types.unset,
        ttl,
        writtenAt,
      ],
    }));
    const [first] = statements;
    if (statements.length === 1 && first !== undefined) await client.execute(first.query, first.params);
    else await client.batch(statements, { prepare: true, logged: false, isIdempotent: true });
  }

  const store = clusterStore<Pick<HistoryWriter, 'write'>>({
    async write(rows) {
      // A time that no calendar has fails the group before anything is written.
      for (const { recordedAtMs } of rows) dayOf(recordedAtMs);
      const userIds = [...new Set(rows.map(({ userId }) => userId))];
      return whileUsersStay(userIds, async ({ unknown, nowMicros }) => {
        const claims = new Map<string, Claim>();
        const known = rows.filter(({ userId }) => !unknown.has(userId));
        const days = byDay(await claimAll(withoutRepeats(known, claims), claims, nowMicros));
        await each(days, async (userDay) => {
          await note(userDay, nowMicros);
          await writeDay(userDay, nowMicros);
        });
        return resultsOf(rows, unknown, claims);
      });
    },
  });
  return { ...store, failureOf: (error) => (isRefused(error) ? 'refused' : 'database') };
}

/**
 * Runs `work` while the accounts of these users are not deleted.
 */
export type WhileUsersStay = <T>(
  userIds: readonly string[],
  work: (state: {
    /** Those of the users who have no account. */
    readonly unknown: ReadonlySet<string>;
    /** The time that all servers share, microseconds since the epoch: of two writes the later one wins by it. */
    readonly nowMicros: bigint;
  }) => Promise<T>,
) => Promise<T>;

interface Options {
  readonly client: Client;
  readonly whileUsersStay: WhileUsersStay;
  readonly retentionDays: number;
  readonly clock: Clock;
}

/** Requests of one writer that Cassandra has not answered. */
const REQUESTS_AT_ONCE = 256;
/** Rows in one request: far below the 5 KiB of which Cassandra warns. */
const ROWS_AT_ONCE = 30;
const NOTED_DAYS = 100_000;

const FIND_CLAIM = `SELECT recorded_at, fingerprint FROM location_ids WHERE user_id = ? AND id = ?`;

const INSERT_CLAIM = `INSERT INTO location_ids (user_id, id, recorded_at, fingerprint) VALUES (?, ?, ?, ?)`;
const CLAIM = `${INSERT_CLAIM} USING TTL ? AND TIMESTAMP ?`;
const CLAIM_FIRST = `${INSERT_CLAIM} IF NOT EXISTS USING TTL ?`;

const FIND = `
SELECT latitude, longitude, accuracy_meters, speed_meters_per_second, heading_degrees FROM locations
WHERE user_id = ? AND day = ? AND recorded_at = ? AND id = ?`;

const NOTE = `INSERT INTO location_days (user_id, day) VALUES (?, ?) USING TTL ? AND TIMESTAMP ?`;

const WRITE = `
INSERT INTO locations (user_id, day, recorded_at, id, received_at, latitude, longitude, accuracy_meters,
                       speed_meters_per_second, heading_degrees)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TTL ? AND TIMESTAMP ?`;

type Place = Pick<HistoryRow, 'userId' | 'id' | 'recordedAtMs'>;

interface Claimed {
  readonly recorded_at: Date;
  readonly fingerprint: types.Uuid;
}

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

/** Rows of one user and day, no more than one request takes. */
interface UserDay {
  readonly userId: string;
  readonly day: Day;
  readonly rows: HistoryRow[];
}

function byDay(rows: readonly HistoryRow[]): UserDay[] {
  const days: UserDay[] = [];
  const open = new Map<string, UserDay>();
  for (const row of rows) {
    const day = dayOf(row.recordedAtMs);
    const key = `${row.userId}${day}`;
    const found = open.get(key);
    if (found !== undefined && found.rows.length < ROWS_AT_ONCE) {
      found.rows.push(row);
      continue;
    }
    const added = { userId: row.userId, day, rows: [row] };
    open.set(key, added);
    days.push(added);
  }
  return days;
}
