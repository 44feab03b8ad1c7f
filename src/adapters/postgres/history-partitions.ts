/**
 * The day partitions of the location history: made ahead of need, dropped after the retention. Rows of days that had
 * no partition, before the first start or after a long failure of this upkeep, lie in the default one and move when
 * theirs is made. Any number of servers may run it; one at a time does.
 */
import type pg from 'pg';

/** @returns the names of the partitions that were made and dropped. */
export async function maintainPartitions(
  pool: pg.Pool,
  nowMs: number,
  retentionDays: number,
): Promise<{ made: string[]; dropped: string[] }> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
      UPKEEP_LOCK,
    ]);
    if (rows[0]?.mine !== true) return { made: [], dropped: [] };
    try {
      const present = await partitionDays(client);
      const today = Math.floor(nowMs / DAY_MS);
      const made: string[] = [];
      for (let day = today - 1; day <= today + DAYS_AHEAD; day++) {
        if (present.has(day)) continue;
        await makePartition(client, day);
        made.push(nameOf(day));
      }
      // A point may be recorded on the oldest day that is kept, whole or in part.
      const oldest = today - retentionDays;
      const dropped: string[] = [];
      for (const day of present) {
        if (day >= oldest) continue;
        await dropPartition(client, day);
        dropped.push(nameOf(day));
      }
      const { rowCount: deleted } = await client.query(
        'DELETE FROM location_history_default WHERE recorded_at < $1',
        [isoOf(oldest)],
      );
      // Reads the whole table, once a day: cheaper than an index on the time that every update would have to keep.
      if (dropped.length > 0 || (deleted ?? 0) > 0)
        await client.query('DELETE FROM location_ids WHERE recorded_at < $1', [isoOf(oldest)]);
      return { made, dropped };
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [UPKEEP_LOCK]);
    }
  } finally {
    client.release();
  }
}

const DAY_MS = 86_400_000;
/** How many days after today have their partition already. */
const DAYS_AHEAD = 7;
const UPKEEP_LOCK = 7_201_302;

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
  await inTransaction(client, [
    // Excludes writers, not readers: a row that is on its way to the default partition would be refused there.
    'LOCK TABLE ONLY location_history IN SHARE ROW EXCLUSIVE MODE',
    'LOCK TABLE location_history_default IN ACCESS EXCLUSIVE MODE',
    `CREATE TABLE ${name} (LIKE location_history INCLUDING ALL)`,
    `WITH moved AS (
       DELETE FROM location_history_default WHERE recorded_at >= '${from}' AND recorded_at < '${to}' RETURNING *
     ) INSERT INTO ${name} SELECT * FROM moved`,
    `ALTER TABLE location_history ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`,
  ]);
}

async function dropPartition(client: pg.PoolClient, day: number): Promise<void> {
  // Dropping excludes readers and writers; behind a long query it would hold all others up, so it gives up instead.
  await inTransaction(client, ["SET LOCAL lock_timeout = '2s'", `DROP TABLE ${nameOf(day)}`]);
}

async function inTransaction(client: pg.PoolClient, statements: readonly string[]): Promise<void> {
  try {
    await client.query('BEGIN');
    for (const statement of statements) await client.query(statement);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

const isoOf = (day: number): string => new Date(day * DAY_MS).toISOString();
const nameOf = (day: number): string => `location_history_${isoOf(day).slice(0, 10).replaceAll('-', '')}`;
