/**
 * A list of nearby friends, and a heading elsewhere on the page that reads the same list from Apollo's cache.
 */
import { ApolloClient, InMemoryCache } from '@apollo/client';
import { ApolloProvider, useQuery } from '@apollo/client/react';
import type { NearbyFriendsClient } from 'nearby-friends-client';
import { NEARBY_FRIENDS, nearbyFriendsLink, nearbyFriendsTypePolicies } from 'nearby-friends-client/apollo';
import { NearbyFriendsProvider, useNearbyFriends } from 'nearby-friends-client/apollo-react';
import { StrictMode, useState } from 'react';

const radiusMeters = 5_000;

/** @param client a client with a signed-in user. */
export function App({ client }: { readonly client: NearbyFriendsClient }) {
  const [apollo] = useState(
    () =>
      new ApolloClient({
        link: nearbyFriendsLink(client),
        cache: new InMemoryCache({ typePolicies: nearbyFriendsTypePolicies }),
      }),
  );
  return (
    <StrictMode>
      <NearbyFriendsProvider value={client}>
        <ApolloProvider client={apollo}>
          <Heading />
          <NearbyFriends />
        </ApolloProvider>
      </NearbyFriendsProvider>
    </StrictMode>
  );
}

function NearbyFriends() {
  const { friends, connection, loading, error } = useNearbyFriends({ radiusMeters });
  if (error !== null) return <p role="alert">{error.message}</p>;
  if (loading) return <p>Looking around…</p>;
  return (
    <ul className={connection.state}>
      {friends.map(({ friend, distanceMeters }) => (
        <li key={friend.id}>
          {friend.displayName}, {Math.round(distanceMeters)} m
        </li>
      ))}
    </ul>
  );
}

function Heading() {
  const { data } = useQuery(NEARBY_FRIENDS, { variables: { radiusMeters }, fetchPolicy: 'cache-only' });
  return <h1>{data?.nearbyFriends.length ?? 0} near you</h1>;
}
