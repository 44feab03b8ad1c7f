/** Puts a population into new databases of its own, with sessions and tokens, and into a file for the load generator. */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import pg from 'pg';
import type { LocationPrecision } from '../../src/domain/sharing.js';
import { type Bench, withSystem } from '../bench.js';
import type { LoadUser } from '../load/crowd.js';
import { issueToken } from '../run/tokens.js';
import { type System, systemNamed } from '../systems.js';
import type { Population } from './population.js';

export interface PeopleInDatabase {
  readonly population: Population;
  /** A database for `system`, made at the first call: builds may differ in their tables, and people in what they share. */
  databaseUrlFor(system: System): Promise<string>;
  /** For the load generator: a JSON list of LoadUser, one for each client. */
  readonly usersFile: string;
}

export async function putPeopleIntoDatabase(bench: Bench, population: Population): Promise<PeopleInDatabase> {
  const usersFile = await writeUsers(population);
  const ours = systemNamed('ours-1000');
  const databases = new Map<string, Promise<string>>();

  async function make(build: System): Promise<string> {
    const name = `bench_${population.name}_${databases.size}`.replaceAll('-', '_');
    const url = await createDatabase(bench.backing.postgresUrl, name);
    const empty = { population, usersFile, databaseUrlFor: () => Promise.resolve(url) };
    // The server creates its tables when it starts.
    await withSystem(bench, build, empty, () => Promise.resolve());
    await insertPeople(url, population, build.precision);
    return url;
  }

  return {
    population,
    usersFile,
    databaseUrlFor(system) {
      const build = system.protocol === ours.protocol ? system : ours;
      const key = `${build.program} ${build.precision}`;
      const database = databases.get(key) ?? make(build);
      databases.set(key, database);
      return database;
    },
  };
}

async function insertPeople(
  databaseUrl: string,
  population: Population,
  precision: LocationPrecision,
): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  try {
    // Foreign keys hold by construction, and checking a million of them takes minutes.
    await pool.query('SET session_replication_role = replica');
    await pool.query(INSERT_USERS, [population.homes.length]);
    await pool.query(INSERT_SESSIONS, [population.connected]);
    await pool.query(INSERT_FRIENDSHIPS, [
      population.friendships.map(([a]) => a),
      population.friendships.map(([, b]) => b),
    ]);
    if (precision !== 'EXACT') await pool.query(SET_PRECISION, [precision]);
    await pool.query('VACUUM ANALYZE');
  } finally {
    await pool.end();
  }
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

const INSERT_USERS = `
  INSERT INTO users (id, handle, display_name)
  SELECT ${sqlId('0000', 'n')}, 'u' || (10000 + n), 'User Number ' || n FROM generate_series(0, $1 - 1) AS n`;

const SET_PRECISION = 'UPDATE users SET sharing_precision = $1';

const INSERT_SESSIONS = `
  INSERT INTO auth_sessions (id, user_id)
  SELECT ${sqlId('0001', 'n')}, ${sqlId('0000', 'n')} FROM generate_series(0, $1 - 1) AS n`;

const INSERT_FRIENDSHIPS = `
  WITH pair AS (SELECT ${sqlId('0000', 'a')} AS a, ${sqlId('0000', 'b')} AS b
                  FROM unnest($1::int[], $2::int[]) AS pair (a, b))
  INSERT INTO friendships (user_id, friend_id) SELECT a, b FROM pair UNION ALL SELECT b, a FROM pair`;

/** As uuid() makes them. */
function sqlId(kind: string, number: string): string {
  return `('0193${kind}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
}

async function writeUsers(population: Population): Promise<string> {
  const { name, homes, connected, friendsElsewhere } = population;
  const users: LoadUser[] = await Promise.all(
    homes.slice(0, connected).map(async (home, index) => ({
      id: userId(index),
      handle: `u${10_000 + index}`,
      displayName: `User Number ${index}`,
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
