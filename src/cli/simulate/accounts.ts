/**
 * The users of a simulation: signed up, befriended and deleted over the API, or read from a file of tokens.
 */
import pLimit from 'p-limit';
import { CommandError } from '../command-error.js';
import { createProgress } from '../progress.js';
import { readCsv } from '../read-csv.js';
import type { ApiClient } from './api-client.js';
import { createSession, GRANT, type Grant, type Session } from './session.js';

/**
 * Signs people up, until the signal is aborted.
 * @param users receives each user as soon as it exists, so that the caller can delete them whatever happens.
 */
export async function signUpUsers(
  api: ApiClient,
  people: readonly NewUser[],
  signal: AbortSignal,
  users: Session[],
): Promise<void> {
  const progress = createProgress('Signing up', people.length);
  const mutation = `mutation ($input: SignUpInput!) { signUp(input: $input) ${GRANT} }`;
  try {
    await forEach(people, SIGN_UPS_AT_A_TIME, signal, async (input) => {
      const { signUp } = await api.ask<{ signUp: Grant }>(null, mutation, { input });
      users.push(createSession(api, signUp));
      progress.update(users.length);
    });
  } finally {
    progress.stop();
  }
}

/** Makes the two of each pair friends, until the signal is aborted. */
export async function befriendUsers(
  api: ApiClient,
  pairs: readonly (readonly [Session, Session])[],
  signal: AbortSignal,
): Promise<void> {
  const progress = createProgress('Making friends', pairs.length);
  let made = 0;
  try {
    await forEach(pairs, REQUESTS_AT_A_TIME, signal, async ([a, b]) => {
      // A request to somebody whose own request is pending makes the two friends.
      const mutation = 'mutation ($userId: ID!) { sendFriendRequest(userId: $userId) { id } }';
      await api.ask(await a.token(), mutation, { userId: b.userId });
      await api.ask(await b.token(), mutation, { userId: a.userId });
      progress.update(++made);
    });
  } finally {
    progress.stop();
  }
}

/**
 * Pairs users in a ring: each is a friend of the next `friends / 2` users on either side, rounded up. Each
 * pair is there once, however few users there are.
 */
export function ringOf<T>(users: readonly T[], friends: number): (readonly [T, T])[] {
  const pairs = new Map<string, readonly [T, T]>();
  users.forEach((user, index) => {
    for (let step = 1; step <= Math.ceil(friends / 2); step++) {
      const otherIndex = (index + step) % users.length;
      const other = users[otherIndex];
      if (other === undefined || otherIndex === index) continue;
      pairs.set([Math.min(index, otherIndex), Math.max(index, otherIndex)].join(), [user, other]);
    }
  });
  return [...pairs.values()];
}

/** Deletes the accounts with all their data. Accounts that cannot be deleted stay, and a message says so. */
export async function deleteUsers(api: ApiClient, users: readonly Session[]): Promise<void> {
  const progress = createProgress('Deleting the accounts', users.length);
  let left = 0;
  for (const [index, user] of users.entries()) {
    try {
      await api.ask(await user.token(), 'mutation { deleteAccount }');
    } catch (error) {
      if (left++ === 0) console.error(error instanceof CommandError ? error.message : error);
    }
    progress.update(index + 1);
  }
  progress.stop();
  if (left > 0) console.error(`${left} of the simulated accounts could not be deleted.`);
}

/**
 * Reads the first `count` users of a file as `npm run seed` writes it.
 * @throws CommandError when the file cannot be read or is malformed.
 */
export async function readTokens(path: string, count: number): Promise<Session[]> {
  const rows = await readCsv(path, ['user', 'userId', 'accessToken']);
  return rows.slice(0, count).map(({ cells: [, userId = '', accessToken = ''] }) => ({
    userId,
    token: () => Promise.resolve(accessToken),
  }));
}

export interface NewUser {
  readonly handle: string;
  readonly displayName: string;
  readonly password: string;
}

/** The server hashes two passwords at a time, so more sign-ups at a time would only wait. */
const SIGN_UPS_AT_A_TIME = 4;
const REQUESTS_AT_A_TIME = 8;

/**
 * Runs a task for each item and waits for those under way; starts no more once the signal is aborted or a task
 * has failed. Rejects with the first failure.
 */
async function forEach<T>(
  items: readonly T[],
  atATime: number,
  signal: AbortSignal,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  await pLimit(atATime).map(items, async (item) => {
    if (signal.aborted || failures.length > 0) return;
    await task(item).catch((error: unknown) => failures.push(error));
  });
  if (failures.length > 0) throw failures[0];
}
