/** Real friendships and homes (Gowalla, see ../shared/data/README.md), walkers around their homes. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Population } from './population.js';

const FOLDER = resolve('../shared/data');
const ROAM_METERS = 3_000;

/** Null where the files are absent. */
export async function realGraph(): Promise<Population | null> {
  const [friends, homes] = await Promise.all([rowsOf('friends.csv'), rowsOf('homes.csv')]);
  if (friends === null || homes === null) return null;
  const indexOf = new Map(homes.map(({ user_id = '' }, index) => [user_id, index]));
  return {
    name: 'realgraph',
    homes: homes.map(({ latitude, longitude }) => ({
      latitude: Number(latitude),
      longitude: Number(longitude),
      nearFriends: null,
    })),
    connected: homes.length,
    friendsElsewhere: 0,
    friendships: friends.flatMap(({ user_a = '', user_b = '' }) => {
      const [a, b] = [indexOf.get(user_a), indexOf.get(user_b)];
      return a === undefined || b === undefined ? [] : [[a, b] as const];
    }),
    roamMeters: ROAM_METERS,
  };
}

async function rowsOf(file: string): Promise<Record<string, string>[] | null> {
  const text = await readFile(resolve(FOLDER, file), 'utf8').catch(() => null);
  return text === null ? null : parse(text, { columns: true });
}
