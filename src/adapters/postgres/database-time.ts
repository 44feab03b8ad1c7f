import type pg from 'pg';

/** Reads the database's clock, milliseconds since the epoch. */
export async function readDatabaseTime(pool: pg.Pool): Promise<number> {
  // A question that hangs would be the last one. Its connection is given up.
  const query = { text: NOW, query_timeout: 2_000 };
  const { rows } = await pool.query<{ ms: number }>(query);
  return rows[0]?.ms ?? NaN;
}

const NOW = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms';
