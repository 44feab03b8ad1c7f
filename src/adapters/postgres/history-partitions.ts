/**
 * Keeps the daily partitions of the location history: makes them ahead of need and drops them after the
 * retention. Rows of a day without a partition, as before the first start, lie in the default partition and
 * move when theirs is made. Any number of servers may run this; an advisory lock lets one at a time do the
 * work.
 */
import type pg from 'pg';
import { REMEMBERED_ID_DAYS } from '../claimed-ids.js';
import { inTransaction } from './transaction.js';

/**
 * Makes and drops the partitions that are due, each in a transaction of its own, as far as no other server is
 * at it. Forgets what is past the retention, and the ids that are no longer remembered, even when partitions cannot be
 * made.
 * @returns the names of the partitions that were made and dropped.
 */
export async function maintainPartitions(
  pool: pg.Pool,
  nowMs: number,
  retentionDays: number,
): Promise<{ made: string[]; dropped: string[] }> {
  const today = Math.floor(nowMs / DAY_MS);
  const wanted = Array.from({ length: DAYS_AHEAD + 2 }, (_, index) => today - 1 + index);
  let made: string[] = [];
  let dropped: string[];
  try {
    made = await changeAll(
      pool,
      MAKE_LOCK,
      (present) => wanted.find((day) => !present.has(day)),
      makePartition,
    );
  } finally {
    // Points of the oldest day are kept until the whole day is past the retention.
    const deleted = await deleteStrays(pool, today - retentionDays);
    dropped = await changeAll(
      pool,
      DROP_LOCK,
      (present) => [...present].find((day) => day < today - retentionDays),
      dropPartition,
    );
    if (made.length + dropped.length + deleted > 0) {
      await forgetIds(pool, today - Math.min(REMEMBERED_ID_DAYS, retentionDays));
    }
  }
  return { made, dropped };
}

const DAY_MS = 86_400_000;
/** How many days after today have their partition in advance. */
const DAYS_AHEAD = 7;
/** The keys of the advisory locks. */
const MAKE_LOCK = 7_201_302;
const DROP_LOCK = 7_201_303;
/** A change that waits behind a long query holds up all readers and writers, so it gives up. */
const LOCK_LIMIT = `SET LOCAL lock_timeout = '2s'`;

/** Deletes from the default partition. Resolves to the count. */
async function deleteStrays(pool: pg.Pool, oldest: number): Promise<number> {
  const { rowCount } = await pool.query('DELETE FROM location_history_default WHERE recorded_at < $1', [
    isoOf(oldest),
  ]);
  return rowCount ?? 0;
}

/** Reads the whole table, once a day, which is cheaper than an index that every update has to maintain. */
async function forgetIds(pool: pg.Pool, oldest: number): Promise<void> {
  await pool.query('DELETE FROM location_ids WHERE recorded_at < $1', [isoOf(oldest)]);
}

/**
 * Changes the partition of one due day after the other until no day is due or another server has the lock.
 * @returns the names of the partitions.
 */
async function changeAll(
  pool: pg.Pool,
  lock: number,
  nextDue: (present: ReadonlySet<number>) => number | undefined,
  change: (client: pg.PoolClient, day: number) => Promise<void>,
): Promise<string[]> {
  const changed: string[] = [];
  for (;;) {
    const name = await inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
        lock,
      ]);
      const day = rows[0]?.mine === true ? nextDue(await partitionDays(client)) : undefined;
      if (day === undefined) return null;
      await change(client, day);
      return nameOf(day);
    });
    if (name === null) return changed;
    changed.push(name);
  }
}

async function partitionDays(client: pg.PoolClient): Promise<Set<number>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'location_history'::regclass`,
  );
  const days = new Set<number>();
  for (const { name } of rows) {
    const [, year, month, day] = /_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
    if (year !== undefined) days.add(Date.parse(`${year}-${month}-${day}`) / DAY_MS);
  }
  return days;
}

async function makePartition(client: pg.PoolClient, day: number): Promise<void> {
  const name = nameOf(day);
  const [from, to] = [isoOf(day), isoOf(day + 1)];
  // The first lock excludes writers, not readers: the default partition would refuse a row of this day that
  // arrives late.
  await client.query(`
    ${LOCK_LIMIT};
    LOCK TABLE ONLY location_history IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE location_history_default IN ACCESS EXCLUSIVE MODE;
    CREATE TABLE ${name} (LIKE location_history INCLUDING ALL);
    WITH moved AS (
      DELETE FROM location_history_default WHERE recorded_at >= '${from}' AND recorded_at < '${to}' RETURNING *
    ) INSERT INTO ${name} SELECT * FROM moved;
    ALTER TABLE location_history ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`);
}

async function dropPartition(client: pg.PoolClient, day: number): Promise<void> {
  await client.query(`${LOCK_LIMIT}; DROP TABLE ${nameOf(day)}`);
}

const isoOf = (day: number): string => new Date(day * DAY_MS).toISOString();
const nameOf = (day: number): string => `location_history_${isoOf(day).slice(0, 10).replaceAll('-', '')}`;
