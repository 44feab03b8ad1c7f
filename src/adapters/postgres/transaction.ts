import type pg from 'pg';

/**
 * Runs `work` in a transaction whose statements each see what was committed before them, whatever the user's
 * default is. It is rolled back when `work` rejects.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let isHealthy = true;
  try {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => (isHealthy = false));
    throw error;
  } finally {
    client.release(!isHealthy);
  }
}
