/**
 * Apollo Client over the client's one connection: with it come its reconnecting, its tokens and its errors.
 *
 *     new ApolloClient({ link: nearbyFriendsLink(client), cache: new InMemoryCache({ typePolicies: nearbyFriendsTypePolicies }) })
 */
import type { TypePolicies } from '@apollo/client/cache';
import { ApolloLink } from '@apollo/client/link';
import { print } from '@apollo/client/utilities';
import { Observable } from 'rxjs';
import type { NearbyFriendsClient } from './client.js';
import { TypedDocumentString } from './generated/operations.js';

export {
  NEARBY_FRIENDS,
  NearbyFriendsProvider,
  type NearbyView,
  useNearbyFriends,
} from './use-nearby-friends.js';

/**
 * Sends every query, mutation and subscription over the client's connection; the last of a chain of links. What fails
 * is a NearbyFriendsError.
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

/** A friend is one entity however many lists show it, and components may read it alone, with `useFragment`. */
export const nearbyFriendsTypePolicies: TypePolicies = {
  NearbyFriend: { keyFields: ['friend', ['id']] },
};
