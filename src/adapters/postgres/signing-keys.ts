/**
 * The keys with which all servers of this database sign access tokens, the newest first. The first server to
 * ask makes the first key; the others wait for it.
 */
import type pg from 'pg';

export async function loadSigningKeys<Jwk extends object>(
  pool: pg.Pool,
  generate: () => Promise<{ id: string; privateJwk: Jwk }>,
): Promise<Jwk[]> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [SIGNING_KEYS]);
    const { rows } = await client.query<{ private_jwk: Jwk }>(
      'SELECT private_jwk FROM signing_keys ORDER BY created_at DESC, id',
    );
    const keys = rows.map(({ private_jwk }) => private_jwk);
    if (keys.length === 0) {
      const { id, privateJwk } = await generate();
      await client.query('INSERT INTO signing_keys (id, private_jwk) VALUES ($1, $2)', [id, privateJwk]);
      keys.push(privateJwk);
    }
    await client.query('COMMIT');
    return keys;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** The key of the advisory lock under which the first signing key is made. */
const SIGNING_KEYS = 7_300_002;
