import {
  type FriendRequestFieldsFragment,
  FriendRequestsDocument,
  FriendsDocument,
  NearbyFriendsError,
  type NearbyFriendsClient,
  type UserFieldsFragment,
} from 'nearby-friends-client';
import { useCallback, useEffect, useState } from 'preact/hooks';

const MOST_SHOWN = 100;

export interface People {
  readonly friends: readonly UserFieldsFragment[];
  /** Of all friends, also those beyond what is shown. */
  readonly friendCount: number;
  readonly incoming: readonly FriendRequestFieldsFragment[];
  readonly outgoing: readonly FriendRequestFieldsFragment[];
}

export interface PeopleView {
  /** Null until it is known. */
  readonly people: People | null;
  /** Why the last action failed; null when it did not. */
  readonly error: string | null;
  /** Does something and reads everything anew. Resolves with whether it succeeded. */
  act(action: () => Promise<unknown>): Promise<boolean>;
}

/** Friends and friend requests, read anew whenever a request is made or answered by anybody. */
export function usePeople(client: NearbyFriendsClient): PeopleView {
  const [people, setPeople] = useState<People | null>(null);
  const [error, setError] = useState<string | null>(null);

  const run = useCallback(
    async (action: () => Promise<unknown>): Promise<boolean> => {
      try {
        await action();
        setPeople(await readPeople(client));
        setError(null);
        return true;
      } catch (caught) {
        if (!(caught instanceof NearbyFriendsError)) throw caught;
        setError(caught.message);
        return false;
      }
    },
    [client],
  );

  useEffect(() => {
    const reread = (): void => void run(() => Promise.resolve());
    reread();
    return client.friendRequestChanges().subscribe(reread);
  }, [client, run]);

  return { people, error, act: run };
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
