/** What the compared systems share: their settings, PostgreSQL, users and friendships from the project's own tables. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

export interface Person {
  readonly id: string;
  readonly handle: string;
  readonly displayName: string;
}

export interface PlaceInput {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters?: number | null;
}

/** The defaults of the project's server. */
export const LOCATION_TTL_SECONDS = 600;
export const RADIUS_METERS = 8046.72;

export const redisUrl = required('REDIS_URL');

/** Has as many connections as the project's server. */
export const pool = new pg.Pool({ connectionString: required('DATABASE_URL'), max: 20 });

export async function findPerson(userId: string): Promise<Person | null> {
  const { rows } = await pool.query<Person>(
    'SELECT id, handle, display_name AS "displayName" FROM users WHERE id = $1',
    [userId],
  );
  return rows[0] ?? null;
}

export async function friendsOf(userId: string): Promise<Person[]> {
  const { rows } = await pool.query<Person>(
    `SELECT users.id, handle, display_name AS "displayName"
       FROM friendships JOIN users ON users.id = friend_id
      WHERE user_id = $1`,
    [userId],
  );
  return rows;
}

/** Listens on a free port and prints the line that the benchmark waits for. */
export function listen(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    console.log(`ready: http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: start the systems with npm run bench`);
  return value;
}
