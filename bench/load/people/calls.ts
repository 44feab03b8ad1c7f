/** The calls of the benchmark to people on several servers; one crowd of them in a process. */
import type { LoadUser } from '../crowd.js';
import {
  type ArriveOptions,
  createPeopleCrowd,
  type LiveResult,
  type ListsResult,
  type PeopleCrowd,
} from './crowd.js';
import { friendsOf, readGraph } from './graph.js';
import { askForNears } from './nears.js';

interface PeopleOptions {
  readonly redisUrl: string;
  readonly servers: number;
  readonly users: readonly LoadUser[];
  /** Where the graph of the users is. */
  readonly folder: string;
}

let crowd: PeopleCrowd | null = null;
let people: readonly LoadUser[] = [];

/** Makes people, and a proxy for each server. @returns what each server is given as REDIS_URL. */
export async function createPeople({
  redisUrl,
  servers,
  users,
  folder,
}: PeopleOptions): Promise<readonly string[]> {
  people = users;
  const friends = friendsOf(await readGraph(folder, users.length));
  crowd = await createPeopleCrowd({ redisUrl, servers, users, friends });
  return crowd.redisUrls;
}

export const peopleCalls = {
  /** The number of each user's neighbourhood, see nears.ts. */
  nears: (url: string): Promise<string[] | null> => askForNears(url, people),

  arrive: (options: ArriveOptions): Promise<void> => current().arrive(options),

  live: (seconds: number): Promise<LiveResult> => current().live(seconds),

  settle: (): Promise<ListsResult> => current().settle(),

  channels: (): string[][] => current().channels(),

  leave: (): Promise<void> => current().leave(),
};

function current(): PeopleCrowd {
  if (crowd === null) throw new Error('There are no people');
  return crowd;
}
