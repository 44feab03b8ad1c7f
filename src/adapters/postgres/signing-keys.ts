/**
 * The keys with which all servers of this database sign access tokens, the newest first. The first server to
 * ask makes the first key; the others wait for it. A failure ends the start with one line.
 */
import type pg from 'pg';
import { refusal } from './refusal.js';
import { inTransaction } from './transaction.js';

export function loadSigningKeys<Jwk extends object>(
  pool: pg.Pool,
  generate: () => Promise<{ id: string; privateJwk: Jwk }>,
): Promise<Jwk[]> {
  return inTransaction(pool, async (client) => {
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
    return keys;
  }).catch((error: unknown) => {
    throw refusal(pool, error);
  });
}

/** The key of the advisory lock under which the first signing key is made. */
const SIGNING_KEYS = 7_300_002;
