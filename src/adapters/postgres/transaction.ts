import type pg from 'pg';

/**
 * Runs `work` in a transaction whose statements each see what was committed before them, whatever the user's
 * default is. It is rolled back when `work` rejects.
 *
 * @param query_timeout for the answers to BEGIN, COMMIT and ROLLBACK, milliseconds. Default: none.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  query_timeout?: number,
): Promise<T> {
  const statement = (text: string) => ({ text, query_timeout });
  const client = await pool.connect();
  let isHealthy = true;
  try {
    await client.query(statement('BEGIN ISOLATION LEVEL READ COMMITTED'));
    const result = await work(client);
    await client.query(statement('COMMIT'));
    return result;
  } catch (error) {
    await client.query(statement('ROLLBACK')).catch(() => (isHealthy = false));
    throw error;
  } finally {
    client.release(!isHealthy);
  }
}
