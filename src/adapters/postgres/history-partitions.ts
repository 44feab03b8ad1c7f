/**
 * Keeps the daily partitions of the location history: makes them ahead of need and drops them after the
 * retention. Rows of a day without a partition, as before the first start, lie in the default partition and
 * move when theirs is made. Any number of servers may run this; an advisory lock lets one at a time do the
 * work.
 */
import type pg from 'pg';

/**
 * Makes and drops the partitions that are due. Returns no names while another server does it.
 * @returns the names of the partitions that were made and dropped.
 */
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
      // Points of the oldest day are kept until the whole day is past the retention.
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
      // This reads the whole table once a day, which is cheaper than an index that every update has to
      // maintain.
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
/** How many days after today have their partition in advance. */
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
    // This excludes writers, not readers: the default partition would refuse a row of this day that arrives
    // late.
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
  // A drop that waits behind a long query holds up all readers and writers, so it gives up after two seconds.
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
