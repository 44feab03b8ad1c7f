/** Keys fit for a database that spreads rows by user (docs/capacity.md): what is a user's leads with the user's id. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { maintainPartitions } from '../../../src/adapters/postgres/history-partitions.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { createLogger } from '../../../src/log.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { log: createLogger('silent') });
  await maintainPartitions(pool, Date.UTC(2026, 10, 22), 90);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Of every primary key and unique index: its table, and all that it is made of, in order. */
async function keys(): Promise<string[]> {
  const { rows } = await pool.query<{ key: string }>(
    `SELECT regexp_replace(indrelid::regclass::text, '_\\d{8}$', '_DAY') || '(' || (
              SELECT string_agg(pg_get_indexdef(indexrelid, number, true), ', ' ORDER BY number)
                FROM generate_series(1, indnkeyatts) AS number) || ')' AS key
       FROM pg_index
      WHERE indisunique AND indrelid::regclass::text !~ '^(pg_|_prisma_)'
        AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)`,
  );
  return [...new Set(rows.map(({ key }) => key))].sort();
}

/** Where a user is, and what the user has to do with others: all that grows with use. */
const LED_BY_THE_USER = [
  'blocks(blocker_id, blocked_id)',
  'erasures(user_id)',
  'friendships(user_id, friend_id)',
  'location_history(user_id, recorded_at, id)',
  'location_history_DAY(user_id, recorded_at, id)',
  'location_history_default(user_id, recorded_at, id)',
  'location_ids(user_id, id)',
  'near_alerts(user_id, friend_id)',
  'users(id)',
];

/** Found before it is known whose they are, or of two users, or nobody's. */
const OTHERS = [
  'auth_sessions(id)', // by the token's session
  'device_tokens(id)', // by the id that revokes it
  'device_tokens(secret_hash)', // by the secret
  'friend_requests(LEAST(from_id, to_id), GREATEST(from_id, to_id))', // one between two, whoever asked
  'friend_requests(id)', // by the id that accepts or declines it
  'outbox_notices(id)', // in the order of writing
  'push_subscriptions(endpoint)', // one browser, whoever signs in there
  'refresh_tokens(token_hash)', // by the token
  'signing_keys(id)', // by the token's key
  'users(handle)', // by the name that signs in
  'users(oidc_issuer, oidc_subject)', // by the provider's token
];

test('every key of what grows with use is led by the id of the user', async () => {
  expect(await keys()).toEqual([...LED_BY_THE_USER, ...OTHERS].sort());
});

test('the history refers to no other table: it may lie in another database', async () => {
  const { rows } = await pool.query<{ table: string }>(
    `SELECT conrelid::regclass::text AS table FROM pg_constraint
      WHERE contype = 'f' AND conrelid::regclass::text ~ '^location_'`,
  );
  expect(rows).toEqual([]);
});
