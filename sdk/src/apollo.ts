/**
 * Connects Apollo Client to the one connection of a Nearby Friends client, and so to its reconnecting, tokens
 * and errors.
 *
 *     const cache = new InMemoryCache({ typePolicies: nearbyFriendsTypePolicies });
 *     new ApolloClient({ link: nearbyFriendsLink(client), cache });
 */
import type { TypedDocumentNode } from '@apollo/client';
import type { TypePolicies } from '@apollo/client/cache';
import { ApolloLink } from '@apollo/client/link';
import { print } from '@apollo/client/utilities';
import { parse } from 'graphql';
import { Observable } from 'rxjs';
import type { NearbyFriendsClient } from './client.js';
import {
  NearbyFriendsNowDocument,
  type NearbyFriendsNowQuery,
  type NearbyFriendsNowQueryVariables,
  TypedDocumentString,
} from './generated/operations.js';

/**
 * Makes the terminating link of an Apollo Client. Every query, mutation and subscription goes over the
 * client's connection. An operation that fails gives Apollo a NearbyFriendsError.
 */
export function nearbyFriendsLink(client: NearbyFriendsClient): ApolloLink {
  return new ApolloLink(
    ({ query, variables }) =>
      new Observable((observer) =>
        client
          .subscribe(
            new TypedDocumentString<ApolloLink.Result['data'], typeof variables>(print(query)),
            variables,
          )
          .subscribe(
            (data) => {
              observer.next({ data });
            },
            (error) => {
              observer.error(error);
            },
            () => {
              observer.complete();
            },
          ),
      ),
  );
}

/**
 * Makes each friend one entity of the cache, so that several lists share it and `useFragment` reads it alone.
 */
export const nearbyFriendsTypePolicies: TypePolicies = {
  NearbyFriend: { keyFields: ['friend', ['id']] },
};

/**
 * The query whose result `useNearbyFriends` keeps in the cache, under the same radius:
 * `useQuery(NEARBY_FRIENDS, { variables: { radiusMeters } })`.
 */
export const NEARBY_FRIENDS: TypedDocumentNode<NearbyFriendsNowQuery, NearbyFriendsNowQueryVariables> =
  /* @__PURE__ */ parse(NearbyFriendsNowDocument.toString());
