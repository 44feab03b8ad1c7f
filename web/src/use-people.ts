/**
 * All friends, and friend requests, which are read again whenever somebody makes or answers a request, or a friendship
 * begins or ends.
 */
import {
  type FriendRequestFieldsFragment,
  FriendRequestsDocument,
  FriendsDocument,
  type NearbyFriendsClient,
  type UserFieldsFragment,
} from 'nearby-friends-client';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { failureText } from './failure-text.js';
import { PAGE_SIZE, readAll } from './read-all.js';

/** @param friendships another number whenever friendships may have begun or ended. */
export function usePeople(client: NearbyFriendsClient, friendships: number): PeopleView {
  const [people, setPeople] = useState<People | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [reads] = useState(createReads);

  const read = useCallback(async (): Promise<void> => {
    const isNewest = reads.begin();
    const failure = await failureOf(async () => {
      const next = await readPeople(client);
      if (isNewest()) setPeople(next);
    });
    if (isNewest()) setError(failure);
  }, [client, reads]);

  const act = useCallback(
    async (action: () => Promise<unknown>): Promise<string | null> => {
      const failure = await failureOf(action);
      if (failure === null) await read();
      return failure;
    },
    [read],
  );

  useEffect(() => {
    void read();
  }, [read, friendships]);

  useEffect(() => client.friendRequestChanges().subscribe(() => void read()), [client, read]);

  return { people, error, act };
}

export interface People {
  /** All friends, in the order of their handles. */
  readonly friends: readonly UserFieldsFragment[];
  /** The newest requests, at most 100 in each direction. */
  readonly incoming: readonly FriendRequestFieldsFragment[];
  readonly outgoing: readonly FriendRequestFieldsFragment[];
}

export interface PeopleView {
  /** Null until people have been read. */
  readonly people: People | null;
  /** Why people could not be read; null when all went well. */
  readonly error: string | null;
  /** Runs an action and then reads everything again. Resolves to why the action failed; null when it succeeded. */
  act(action: () => Promise<unknown>): Promise<string | null>;
}

const MOST_REQUESTS = 100;

/** Of two reads, the one that began first may end last. */
function createReads() {
  let newest = 0;
  return {
    begin(): () => boolean {
      const own = ++newest;
      return () => own === newest;
    },
  };
}

/** Runs an action and resolves to the message of its error; null when it succeeded. */
async function failureOf(action: () => Promise<unknown>): Promise<string | null> {
  try {
    await action();
    return null;
  } catch (caught) {
    return failureText(caught);
  }
}

async function readPeople(client: NearbyFriendsClient): Promise<People> {
  const first = MOST_REQUESTS;
  const [friends, incoming, outgoing] = await Promise.all([
    readAll(async (after) => (await client.request(FriendsDocument, { first: PAGE_SIZE, after })).friends),
    client.request(FriendRequestsDocument, { direction: 'INCOMING', first }),
    client.request(FriendRequestsDocument, { direction: 'OUTGOING', first }),
  ]);
  return {
    friends,
    incoming: incoming.friendRequests.edges.map(({ node }) => node),
    outgoing: outgoing.friendRequests.edges.map(({ node }) => node),
  };
}
