/**
 * Friends and friend requests, which are read again whenever somebody makes or answers a request, or a friendship ends.
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

/** @param friendships another number whenever friendships may have begun or ended. */
export function usePeople(client: NearbyFriendsClient, friendships: number): PeopleView {
  const [people, setPeople] = useState<People | null>(null);
  const [error, setError] = useState<string | null>(null);

  const read = useCallback(async (): Promise<void> => {
    const failure = await failureOf(async () => {
      setPeople(await readPeople(client));
    });
    setError(failure);
  }, [client]);

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
  readonly friends: readonly UserFieldsFragment[];
  /** The number of all friends, of whom at most 100 are shown. */
  readonly friendCount: number;
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

/** Of friends, in the order of their handles; likewise of requests and exceptions. */
export const MOST_SHOWN = 100;

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
  const first = MOST_SHOWN;
  const [{ friends }, incoming, outgoing] = await Promise.all([
    client.request(FriendsDocument, { first }),
    client.request(FriendRequestsDocument, { direction: 'INCOMING', first }),
    client.request(FriendRequestsDocument, { direction: 'OUTGOING', first }),
  ]);
  return {
    friends: friends.edges.map(({ node }) => node),
    friendCount: friends.totalCount,
    incoming: incoming.friendRequests.edges.map(({ node }) => node),
    outgoing: outgoing.friendRequests.edges.map(({ node }) => node),
  };
}
