/** Reads who is friends with whom and where everybody lives. Users are numbers, from 0, in the order of `homes.csv`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCsv } from '../../../src/cli/read-csv.js';
import type { Place } from '../walks.js';

export interface Graph {
  readonly homes: readonly Place[];
  /** Each pair once. */
  readonly friendships: readonly (readonly [number, number])[];
}

const HOMES = 'homes.csv';
const FRIENDS = 'friends.csv';

export const hasGraph = (folder: string): boolean =>
  [HOMES, FRIENDS].every((file) => existsSync(join(folder, file)));

/**
 * @param count only the first so many users, and their friendships among themselves.
 * @throws CommandError for a file that is missing or malformed.
 */
export async function readGraph(folder: string, count: number): Promise<Graph> {
  const homes = await rowsOf(join(folder, HOMES), ['user_id', 'latitude', 'longitude']);
  const pairs = await rowsOf(join(folder, FRIENDS), ['user_a', 'user_b']);
  const chosen = homes.slice(0, count);
  const numbers = new Map(chosen.map(([id], number) => [id, number]));
  return {
    homes: chosen.map(([, latitude = NaN, longitude = NaN]) => ({ latitude, longitude })),
    friendships: pairs.flatMap(([a, b]) => {
      const [one, other] = [numbers.get(a), numbers.get(b)];
      return one === undefined || other === undefined ? [] : [[one, other] as const];
    }),
  };
}

/** The friends of each user. */
export function friendsOf({ homes, friendships }: Graph): number[][] {
  const friends = homes.map((): number[] => []);
  for (const [a, b] of friendships) {
    friends[a]?.push(b);
    friends[b]?.push(a);
  }
  return friends;
}

const rowsOf = async (path: string, columns: readonly string[]): Promise<number[][]> =>
  (await readCsv(path, columns)).map(({ cells }) => cells.map(Number));
