/** urql over the client's one connection: with it come its reconnecting, its tokens and its errors. */
import { type Exchange, subscriptionExchange } from '@urql/core';
import type { NearbyFriendsClient } from './client.js';
import { TypedDocumentString } from './generated/operations.js';

/**
 * Sends every query, mutation and subscription over the client's connection; the last exchange. What fails is a
 * CombinedError whose `networkError` is a NearbyFriendsError.
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
