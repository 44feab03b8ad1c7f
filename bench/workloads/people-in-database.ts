/** Puts a population into a new database of its own, with sessions and tokens, and into a file for the load generator. */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import pg from 'pg';
import { type Bench, withSystem } from '../bench.js';
import type { LoadUser } from '../load/crowd.js';
import { issueToken } from '../run/tokens.js';
import { systemNamed } from '../systems.js';
import type { Population } from './population.js';

export interface PeopleInDatabase {
  readonly population: Population;
  readonly databaseUrl: string;
  /** For the load generator: a JSON list of LoadUser, one for each client. */
  readonly usersFile: string;
}

const ROWS_AT_ONCE = 100_000;

export async function putPeopleIntoDatabase(bench: Bench, population: Population): Promise<PeopleInDatabase> {
  const databaseUrl = await createDatabase(bench.backing.postgresUrl, `bench_${population.name}`);
  const people = { population, databaseUrl, usersFile: await writeUsers(population) };
  // The server creates its tables when it starts.
  await withSystem(bench, systemNamed('ours-1000'), people, () => Promise.resolve());
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  try {
    // Foreign keys hold by construction, and checking a million of them takes minutes.
    await pool.query('SET session_replication_role = replica');
    await insertUsers(pool, population.homes.length);
    await insertSessions(pool, population.connected);
    await insertFriendships(pool, population.friendships);
    await pool.query('VACUUM ANALYZE');
  } finally {
    await pool.end();
  }
  return people;
}

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = name;
  return url.href;
}

async function insertUsers(pool: pg.Pool, count: number): Promise<void> {
  for (let start = 0; start < count; start += ROWS_AT_ONCE) {
    const some = numbers(start, Math.min(count, start + ROWS_AT_ONCE));
    await pool.query(
      `INSERT INTO users (id, handle, display_name)
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])`,
      [some.map(userId), some.map(handle), some.map(displayName)],
    );
  }
}

async function insertSessions(pool: pg.Pool, count: number): Promise<void> {
  const all = numbers(0, count);
  await pool.query('INSERT INTO auth_sessions (id, user_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])', [
    all.map(sessionId),
    all.map(userId),
  ]);
}

async function insertFriendships(pool: pg.Pool, pairs: Population['friendships']): Promise<void> {
  for (let start = 0; start < pairs.length; start += ROWS_AT_ONCE) {
    const some = pairs.slice(start, start + ROWS_AT_ONCE);
    await pool.query(
      `WITH pair AS (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS pair (a, b))
       INSERT INTO friendships (user_id, friend_id) SELECT a, b FROM pair UNION ALL SELECT b, a FROM pair`,
      [some.map(([a]) => userId(a)), some.map(([, b]) => userId(b))],
    );
  }
}

async function writeUsers(population: Population): Promise<string> {
  const { name, homes, connected, friendsElsewhere } = population;
  const users: LoadUser[] = await Promise.all(
    homes.slice(0, connected).map(async (home, index) => ({
      id: userId(index),
      handle: handle(index),
      displayName: displayName(index),
      token: await issueToken(userId(index), sessionId(index)),
      ...home,
      friendsElsewhere: numbers(0, friendsElsewhere).flatMap((friend) => {
        const number = connected + index * friendsElsewhere + friend;
        const place = homes[number];
        return place === undefined ? [] : [{ id: userId(number), ...place }];
      }),
    })),
  );
  const folder = resolve('.data/bench');
  await mkdir(folder, { recursive: true });
  const file = resolve(folder, `users-${name}.json`);
  await writeFile(file, JSON.stringify(users));
  return file;
}

const numbers = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, index) => start + index);

const uuid = (kind: string, index: number): string =>
  `0193${kind}-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;
const userId = (index: number): string => uuid('0000', index);
const sessionId = (index: number): string => uuid('0001', index);
const handle = (index: number): string => `u${String(index).padStart(5, '0')}`;
const displayName = (index: number): string => `User Number ${index}`;
