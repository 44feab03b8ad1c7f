/** Hundreds of users of one database, made in a second, who move around one place and have eight friends each. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedDatabase } from '../../src/cli/seed/seed-database.js';
import { readConfig } from '../../src/config.js';
import { type GraphQLAnswer, UPDATE_LOCATION, type UpdateAnswer } from './api.js';
import { listFault, type ListEntry } from './list-oracle.js';
import { type Place, travel } from './sphere.js';

const CENTER = { latitude: 40.42, longitude: -3.7 };
/** Farther than the radius of the lists, so that some come and go. */
const SPREAD_METERS = 9_000;
/** Whose friend everybody is, as numbers further on in the round. */
const FRIENDS_AT = [1, 5, 17, 40];

export interface Member {
  readonly id: string;
  readonly token: string;
  readonly friends: Member[];
  /** Where the newest update put them that was answered. */
  place: Place | undefined;
  /** By the clock of the device, milliseconds since the epoch. */
  placedAtMs: number;
}

/** @param count more than 80. */
export async function createCrowd(databaseUrl: string, count: number): Promise<readonly Member[]> {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const pairs = numbers.flatMap((each) => FRIENDS_AT.map((step) => [each, (each + step) % count] as const));
  const users = await createUsers(databaseUrl, pairs);
  const members: Member[] = users.map((user) => ({ ...user, friends: [], place: undefined, placedAtMs: 0 }));
  for (const [index, { friends }] of members.entries()) {
    const friendsAt = FRIENDS_AT.flatMap((step) => [index + step, index - step + count]);
    friends.push(...friendsAt.map((at) => members[at % count] as Member));
  }
  return members;
}

/** Users without passwords. @param pairs friendships, of numbers from 0 without gaps; the users come in this order. */
export async function createUsers(
  databaseUrl: string,
  pairs: readonly (readonly [number, number])[],
): Promise<{ id: string; token: string }[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-crowd-'));
  const [graph, out] = [join(folder, 'graph.csv'), join(folder, 'tokens.csv')];
  const lines = pairs.map(([one, other]) => `${one + 1},${other + 1}`);
  await writeFile(graph, ['user_a,user_b', ...lines].join('\n'));
  const config = readConfig({ DATABASE_URL: databaseUrl });
  await seedDatabase({ graph, out }, config, new AbortController().signal);
  const rows = (await readFile(out, 'utf8')).trim().split('\n').slice(1);
  await rm(folder, { recursive: true });
  return rows
    .map((row) => row.split(','))
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([, id = '', token = '']) => ({ id, token }));
}

/** A place at which some of the crowd are within the radius of the lists. */
export function somewhere(): Place {
  return travel(CENTER, Math.random() * 360, Math.random() * SPREAD_METERS);
}

/** What was sent, and whether the answer said that it is in the history. */
export interface Report {
  readonly id: string;
  readonly recorded: boolean;
}

/** Sends somebody to a random place, over HTTP. @throws Error for any answer but 200 without errors. */
export async function moveSomewhere(url: string, member: Member): Promise<Report> {
  const id = randomUUID();
  const recordedAtMs = Date.now();
  const place = somewhere();
  const input = { ...place, id, recordedAt: new Date(recordedAtMs).toISOString() };
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${member.token}` },
    body: JSON.stringify({ query: UPDATE_LOCATION, variables: { input } }),
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${body}`);
  const { data, errors } = JSON.parse(body) as GraphQLAnswer<UpdateAnswer>;
  if (errors !== undefined || data == null) throw new Error(body);
  if (recordedAtMs > member.placedAtMs) {
    member.place = place;
    member.placedAtMs = recordedAtMs;
  }
  return { id, recorded: data.updateLocation.recorded };
}

/** Null, or what is wrong with somebody's list. */
export function faultOf({ place, friends }: Member, entries: Iterable<ListEntry>): string | null {
  const places = new Map<string, Place>();
  for (const friend of friends) if (friend.place !== undefined) places.set(friend.id, friend.place);
  return listFault({ origin: place, friends: places }, entries);
}
