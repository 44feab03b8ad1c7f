/** The people of a simulation: signed up, made friends and deleted over the API, or taken from a file of tokens. */
import pLimit from 'p-limit';
import { CommandError } from '../command-error.js';
import { createProgress } from '../progress.js';
import { readCsv } from '../read-csv.js';
import type { ApiClient } from './api-client.js';
import { createSession, GRANT, type Grant, type Session } from './session.js';

/** Hashing passwords keeps two threads of the server busy; more at a time only wait. */
const SIGN_UPS_AT_A_TIME = 4;
const REQUESTS_AT_A_TIME = 8;

export interface NewUser {
  readonly handle: string;
  readonly displayName: string;
  readonly password: string;
}

/**
 * Signs people up, fewer when the signal is aborted.
 * @param users is given each as soon as it exists, so that the caller can delete them whatever happens.
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

/** Makes each pair friends. */
export async function befriendUsers(
  api: ApiClient,
  pairs: readonly (readonly [Session, Session])[],
  signal: AbortSignal,
): Promise<void> {
  const progress = createProgress('Making friends', pairs.length);
  let made = 0;
  try {
    await forEach(pairs, REQUESTS_AT_A_TIME, signal, async ([a, b]) => {
      // Asking somebody whose request waits makes the two friends.
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
 * A ring in which everybody is a friend of those `friends / 2` to the left and to the right, rounded up; each pair once,
 * however few users there are.
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

/** Deletes the accounts with everything that they recorded; one that cannot be deleted is left, with a word. */
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
  if (left > 0) console.error(`${left} of the accounts that were made could not be deleted.`);
}

/** The first `count` users of a file as `npm run seed` writes it. @throws CommandError */
export async function readTokens(path: string, count: number): Promise<Session[]> {
  const rows = await readCsv(path, ['user', 'userId', 'accessToken']);
  return rows.slice(0, count).map(({ cells: [, userId = '', accessToken = ''] }) => ({
    userId,
    token: () => Promise.resolve(accessToken),
  }));
}

/**
 * Runs a task for each item, begins no more once the signal is aborted or a task has failed, and waits for the tasks under
 * way. Rejects with the first failure.
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
