/** The history in PostgreSQL, as the contracts of histories take it. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { maintainPartitions } from '../../../src/adapters/postgres/history-partitions.js';
import { createHistoryStore } from '../../../src/adapters/postgres/history-store.js';
import { createHistoryWriter } from '../../../src/adapters/postgres/history-writer.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { createLogger } from '../../../src/log.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { HISTORY_NOW_MS, type HistoryUnderTest } from './history-writer.js';

export async function openPostgresHistory(): Promise<PostgresHistory> {
  const database = await createTestDatabase();
  const pool = createPool(database.url, { log: createLogger('silent') });
  await maintainPartitions(pool, HISTORY_NOW_MS, 90);
  return {
    database,
    pool,
    writer: createHistoryWriter(pool),
    store: createHistoryStore(pool),
    newUser: () => insertUser(pool),
    removeUser: (userId) => removeUser(pool, userId),
    async idsKept(userId) {
      const { rowCount } = await pool.query('SELECT FROM location_ids WHERE user_id = $1', [userId]);
      return rowCount ?? 0;
    },
    async close() {
      await pool.end();
      await database.drop();
    },
  };
}

export interface PostgresHistory extends HistoryUnderTest {
  readonly database: TestDatabase;
  readonly pool: pg.Pool;
}

/** Makes an account. */
export async function insertUser(pool: pg.Pool): Promise<string> {
  const id = randomUUID();
  const handle = `u${id.replaceAll('-', '').slice(0, 20)}`;
  await pool.query('INSERT INTO users (id, handle, display_name) VALUES ($1, $2, $2)', [id, handle]);
  return id;
}

export async function removeUser(pool: pg.Pool, userId: string): Promise<void> {
  await pool.query('DELETE FROM users WHERE id = $1', [userId]);
}
