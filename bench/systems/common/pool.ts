import pg from 'pg';
import { setting } from './setting.js';

/** As many connections as the project's server has. */
export function createPool(): pg.Pool {
  return new pg.Pool({ connectionString: setting.databaseUrl, max: 20 });
}
