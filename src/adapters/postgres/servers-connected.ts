/** By its name in PostgreSQL a command knows where a server keeps the history, and whether that is moved. */
import type pg from 'pg';
import { databaseStore } from './failures.js';

/** Where DATABASE_URL sets application_name, nobody is known. */
export const SERVER_NAMES = {
  postgres: 'nearby-friends',
  cassandra: 'nearby-friends with Cassandra',
  move: 'nearby-friends move-history',
};

/** Counts the connections of servers that keep the history in one of `stores`, or of what moves it. */
export function connectionsOfServers(
  pool: pg.Pool,
  stores: readonly (keyof typeof SERVER_NAMES)[],
): Promise<number> {
  return databaseStore({
    async count() {
      const { rowCount } = await pool.query(CONNECTIONS, [stores.map((store) => SERVER_NAMES[store])]);
      return rowCount ?? 0;
    },
  }).count();
}

const CONNECTIONS = `
SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = ANY($1)`;
