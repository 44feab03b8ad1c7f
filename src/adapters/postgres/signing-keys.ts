/**
 * The keys with which all servers of this database sign access tokens, the newest first: the newest signs, and all
 * verify. The first server to ask makes the first key; the others wait for it.
 */
import type pg from 'pg';
import type { Clock } from '../../time/clock.js';
import { databaseStore } from './failures.js';
import { refusal } from './refusal.js';
import { inTransaction } from './transaction.js';

/** To be called at the start: a failure ends it with one line. */
export function loadSigningKeys<Jwk extends object>(
  pool: pg.Pool,
  generate: () => Promise<StoredKey<Jwk>>,
): Promise<StoredKey<Jwk>[]> {
  return inTransaction(pool, async (client) => {
    await client.query(LOCK);
    const keys = await readAll<Jwk>(client);
    if (keys.length > 0) return keys;
    const key = await generate();
    await client.query(INSERT, [key.id, key.privateJwk]);
    return [key];
  }).catch((error: unknown) => {
    throw refusal(pool, error);
  });
}

export function createSigningKeyStore<Jwk extends object>(pool: pg.Pool, clock: Clock) {
  return databaseStore(
    {
      read: (): Promise<StoredKey<Jwk>[]> => readAll<Jwk>(pool, READ_TIMEOUT_MS),

      /**
       * Makes a key the newest. Resolves to the ids of those before it; where there are none, nothing is made.
       * @param revokesOld whether those are deleted at once.
       */
      rotate(key: StoredKey<Jwk>, revokesOld: boolean): Promise<string[]> {
        return inTransaction(pool, async (client) => {
          await client.query(LOCK);
          const old = (await readAll<Jwk>(client)).map(({ id }) => id);
          if (old.length === 0) return [];
          await client.query(INSERT, [key.id, key.privateJwk]);
          if (revokesOld) await client.query('DELETE FROM signing_keys WHERE id <> $1', [key.id]);
          return old;
        });
      },

      /** Deletes keys that have not signed for so long that all their tokens have expired. */
      async deleteRetired(): Promise<void> {
        await pool.query(DELETE_RETIRED, [RETIRED_AFTER_SECONDS]);
      },
    },
    clock,
  );
}

export interface StoredKey<Jwk extends object> {
  readonly id: string;
  readonly privateJwk: Jwk;
}

async function readAll<Jwk extends object>(
  client: pg.Pool | pg.PoolClient,
  timeoutMs?: number,
): Promise<StoredKey<Jwk>[]> {
  const query = { text: SELECT, query_timeout: timeoutMs };
  const { rows } = await client.query<{ id: string; private_jwk: Jwk }>(query);
  return rows.map(({ id, private_jwk }) => ({ id, privateJwk: private_jwk }));
}

/** Tokens wait for it. */
const READ_TIMEOUT_MS = 2_000;
/** A day, which is as long as a token may live (ACCESS_TOKEN_SECONDS), and an hour for servers that heard late. */
const RETIRED_AFTER_SECONDS = 25 * 3_600;

/** Keys are made one after the other. */
const LOCK = 'SELECT pg_advisory_xact_lock(7300002)';
const SELECT = 'SELECT id, private_jwk FROM signing_keys ORDER BY created_at DESC, id';
/** The newest even if PostgreSQL's clock was set back. */
const INSERT = `
  INSERT INTO signing_keys (id, private_jwk, created_at)
  VALUES ($1, $2, greatest(clock_timestamp(), (SELECT max(created_at) + interval '1 ms' FROM signing_keys)))`;
/** A key signs until the next one is there. */
const DELETE_RETIRED = `
  DELETE FROM signing_keys WHERE created_at <
    (SELECT max(created_at) FROM signing_keys WHERE created_at < now() - make_interval(secs => $1))`;
