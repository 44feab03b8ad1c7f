/**
 * Connects urql to the one connection of a Nearby Friends client, and so to its reconnecting, tokens and
 * errors.
 */
import { type Exchange, subscriptionExchange } from '@urql/core';
import type { NearbyFriendsClient } from './client.js';
import { TypedDocumentString } from './generated/operations.js';

/**
 * Makes the last exchange of an urql client. Every query, mutation and subscription goes over the client's
 * connection. An operation that fails gives a CombinedError whose `networkError` is a NearbyFriendsError.
 */
export function nearbyFriendsExchange(client: NearbyFriendsClient): Exchange {
  return subscriptionExchange({
    enableAllOperations: true,
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({
        unsubscribe: client
          .subscribe(new TypedDocumentString<Record<string, unknown>, typeof variables>(query), variables)
          .subscribe(
            (data) => {
              sink.next({ data });
            },
            (error) => {
              sink.error(error);
            },
            () => {
              sink.complete();
            },
          ),
      }),
    }),
  });
}
