/** The live list for React, which also keeps Apollo's cache up to date for components that read from there. */
import type { TypedDocumentNode } from '@apollo/client';
import type { ApolloCache } from '@apollo/client/cache';
import { useApolloClient } from '@apollo/client/react';
import { parse } from 'graphql';
import { createContext, useContext, useMemo, useSyncExternalStore } from 'react';
import type { NearbyFriendsClient } from './client.js';
import type { ConnectionState } from './connection.js';
import type { NearbyFriendsError } from './errors.js';
import {
  NearbyFriendsNowDocument,
  type NearbyFriendsNowQuery,
  type NearbyFriendsNowQueryVariables,
} from './generated/operations.js';
import { EMPTY_LIST, type NearbyFriend, type NearbyList } from './nearby-list.js';

/** The query whose result `useNearbyFriends` keeps in the cache: `useQuery(NEARBY_FRIENDS, { variables: { radiusMeters } })`. */
export const NEARBY_FRIENDS: TypedDocumentNode<NearbyFriendsNowQuery, NearbyFriendsNowQueryVariables> =
  /* @__PURE__ */ parse(NearbyFriendsNowDocument.toString());

const ClientContext = /* @__PURE__ */ createContext<NearbyFriendsClient | null>(null);

/** Says which client the hooks below it use: `<NearbyFriendsProvider value={client}>`. */
export const NearbyFriendsProvider = ClientContext.Provider;

/**
 * The list of nearby friends for as long as the component is mounted.
 * @param radiusMeters more than 0 and at most 500,000; the server's default (5 miles) when left out.
 */
export function useNearbyFriends({ radiusMeters }: { readonly radiusMeters?: number } = {}): NearbyView {
  const client = useContext(ClientContext);
  if (client === null) throw new Error('useNearbyFriends needs a NearbyFriendsProvider above it.');
  const { cache } = useApolloClient();
  const list = useMemo(() => createList(client, cache, radiusMeters), [client, cache, radiusMeters]);
  const view = useSyncExternalStore(list.subscribe, list.current, list.current);
  const connection = useSyncExternalStore(
    client.onConnection,
    () => client.connection,
    () => client.connection,
  );
  return { ...view, connection: view.connection ?? connection };
}

export interface NearbyView extends NearbyList {
  /** True until the first list. */
  readonly loading: boolean;
  readonly connection: ConnectionState;
  /** What ended the list, which is empty then; null while it is live. */
  readonly error: NearbyFriendsError | null;
}

interface ListView extends Omit<NearbyView, 'connection'> {
  /** As of the list; null without one. */
  readonly connection: ConnectionState | null;
}

const LOADING: ListView = { ...EMPTY_LIST, connection: null, loading: true, error: null };

function createList(client: NearbyFriendsClient, cache: ApolloCache, radiusMeters: number | undefined) {
  const variables = { radiusMeters };
  let view = LOADING;

  /** Friends who are on no list any more leave the cache too, not only the list: where they were is nobody's business. */
  function change(edit: () => void, someLeft: boolean): void {
    cache.batch({
      update() {
        edit();
        if (someLeft) cache.gc();
      },
    });
  }

  return {
    current: () => view,

    subscribe(onChange: () => void): () => void {
      view = LOADING;
      return client.nearbyFriends(variables).subscribe(
        (list) => {
          const data = { nearbyFriends: list.friends.map(withTypes) };
          const ids = new Set(list.friends.map(({ friend }) => friend.id));
          change(
            () => cache.writeQuery({ query: NEARBY_FRIENDS, variables, data, overwrite: true }),
            view.loading || view.friends.some(({ friend }) => !ids.has(friend.id)),
          );
          view = { ...list, loading: false, error: null };
          onChange();
        },
        (error) => {
          // Nobody keeps it up to date any more, and the next to sign in may be somebody else.
          change(() => cache.evict({ id: 'ROOT_QUERY', fieldName: 'nearbyFriends', args: variables }), true);
          view = { ...LOADING, loading: false, error };
          onChange();
        },
      );
    },
  };
}

/** As Apollo's cache has to have it to know a friend again. */
const withTypes = (entry: NearbyFriend) => ({
  ...entry,
  __typename: 'NearbyFriend',
  friend: { ...entry.friend, __typename: 'User' },
  location: { ...entry.location, __typename: 'Location' },
});
