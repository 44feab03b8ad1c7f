/**
 * The live list as a React hook, which also keeps Apollo's cache up to date for components that read from it.
 * It is apart from the link, which needs no React.
 */
import type { ApolloCache } from '@apollo/client/cache';
import { useApolloClient } from '@apollo/client/react';
import { isReference } from '@apollo/client/utilities';
import { createContext, useContext, useMemo, useSyncExternalStore } from 'react';
import { NEARBY_FRIENDS } from './apollo.js';
import type { ListRadius, NearbyFriendsClient } from './client.js';
import type { ConnectionState } from './connection.js';
import type { NearbyFriendsError } from './errors.js';
import { EMPTY_LIST, type NearbyFriend, type NearbyList } from './nearby-list.js';

const ClientContext = /* @__PURE__ */ createContext<NearbyFriendsClient | null>(null);

/** Gives the hooks below it their client: `<NearbyFriendsProvider value={client}>`. */
export const NearbyFriendsProvider = ClientContext.Provider;

/**
 * Subscribes to the list of nearby friends as long as the component is mounted.
 * @throws Error when there is no NearbyFriendsProvider above the component. Errors of the list are in
 * `error`.
 */
export function useNearbyFriends({ radiusMeters, leaveMarginMeters }: ListRadius = {}): NearbyView {
  const client = useContext(ClientContext);
  if (client === null) throw new Error('useNearbyFriends needs a NearbyFriendsProvider above it.');
  const { cache } = useApolloClient();
  const list = useMemo(
    () => createList(client, cache, radiusMeters, leaveMarginMeters),
    [client, cache, radiusMeters, leaveMarginMeters],
  );
  const view = useSyncExternalStore(list.subscribe, list.current, list.current);
  const connection = useSyncExternalStore(
    client.onConnection,
    () => client.connection,
    () => client.connection,
  );
  return { ...view, connection: view.connection ?? connection };
}

/** The list as a component shows it. */
export interface NearbyView extends NearbyList {
  /** True until the first list, or until the error that came instead. */
  readonly loading: boolean;
  readonly connection: ConnectionState;
  /** The error that ended the list, which is then empty; null while the list is live. */
  readonly error: NearbyFriendsError | null;
}

interface ListView extends Omit<NearbyView, 'connection'> {
  /** The connection as the list has it; null without a list. */
  readonly connection: ConnectionState | null;
}

const LOADING: ListView = { ...EMPTY_LIST, connection: null, loading: true, error: null };

function createList(
  client: NearbyFriendsClient,
  cache: ApolloCache,
  radiusMeters: number | undefined,
  leaveMarginMeters: number | undefined,
) {
  const variables = { radiusMeters };
  let view = LOADING;

  /**
   * Edits the cache. Friends who were on a list and are on none any more leave it by their id, so that their
   * old locations cannot be read; everything else that the app keeps there stays.
   */
  function change(edit: () => void): void {
    cache.batch({
      update() {
        const before = listedIds(cache);
        edit();
        const after = listedIds(cache);
        for (const id of before) if (!after.has(id)) cache.evict({ id });
      },
    });
  }

  return {
    current: () => view,

    subscribe(onChange: () => void): () => void {
      view = LOADING;
      return client.nearbyFriends({ radiusMeters, leaveMarginMeters }).subscribe(
        (list) => {
          const data = { nearbyFriends: list.friends.map(withTypes) };
          change(() => cache.writeQuery({ query: NEARBY_FRIENDS, variables, data, overwrite: true }));
          view = { ...list, loading: false, error: null };
          onChange();
        },
        (error) => {
          // Nothing updates the list any more, and the next user to sign in may be another.
          change(() => cache.evict({ id: 'ROOT_QUERY', fieldName: 'nearbyFriends', args: variables }));
          view = { ...LOADING, loading: false, error };
          onChange();
        },
      );
    },
  };
}

/** Returns the cache's ids of the friends on all lists that it holds, whatever their radius. */
function listedIds(cache: ApolloCache): Set<string> {
  const ids = new Set<string>();
  cache.modify({
    fields: {
      nearbyFriends(entries: readonly object[]) {
        for (const entry of entries) if (isReference(entry)) ids.add(entry.__ref);
        return entries;
      },
    },
  });
  return ids;
}

/** Adds the type names by which Apollo's cache recognises a friend. */
const withTypes = (entry: NearbyFriend) => ({
  ...entry,
  __typename: 'NearbyFriend',
  friend: { ...entry.friend, __typename: 'User' },
  location: { ...entry.location, __typename: 'Location' },
});
