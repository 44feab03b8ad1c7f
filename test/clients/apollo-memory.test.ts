/** What Apollo Client keeps of messages that have been read. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client';
import { Subject } from 'rxjs';
import { expect, test } from 'vitest';
import { NEARBY, type Nearby } from './apps/operations.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test.each([
  ['cache-first', 'all'],
  ['no-cache', 'none'],
] as const)(
  'with the fetch policy %s, Apollo Client keeps %s of 1,000 messages',
  async (fetchPolicy, kept) => {
    const messages = new Subject<ApolloLink.Result>();
    const client = new ApolloClient({
      link: new ApolloLink(() => messages),
      cache: new InMemoryCache(),
    });
    const read: WeakRef<object>[] = [];
    client
      .subscribe<Nearby>({ query: gql(NEARBY), fetchPolicy })
      .subscribe(({ data }) => void (data && read.push(new WeakRef(data.nearbyFriends))));
    for (let metres = 0; metres < 1_000; metres++) {
      messages.next({ data: { nearbyFriends: message(metres) } });
      await new Promise(setImmediate);
    }
    expect(read).toHaveLength(1_000);
    collectGarbage();
    const left = read.filter((each) => each.deref() !== undefined).length;
    if (kept === 'all') expect(left).toBe(1_000);
    else expect(left).toBeLessThan(10);
  },
);

function message(distanceMeters: number): object {
  return {
    __typename: 'NearbyFriendsUpdate',
    snapshot: false,
    nearby: [
      {
        __typename: 'NearbyFriend',
        friend: { __typename: 'User', id: '1', handle: 'grace' },
        distanceMeters,
        location: { __typename: 'Location', latitude: 48, longitude: 16 },
        updatedAt: '2026-11-28T08:49:45.795Z',
      },
    ],
    left: [],
  };
}
