/** Prints the nearby friends at every change: npx tsx examples/plain/nearby-friends.ts URL HANDLE PASSWORD */
import { createNearbyFriendsClient } from 'nearby-friends-client';
import { WebSocket } from 'ws';

const [url = 'http://127.0.0.1:4000/graphql', handle = 'ada', password = 'correct horse'] =
  process.argv.slice(2);

const client = createNearbyFriendsClient({ url, webSocketImpl: WebSocket });
await client.signIn({ handle, password });

for await (const { friends, connection } of client.nearbyFriends({ radiusMeters: 5_000 })) {
  const names = friends.map(
    ({ friend, distanceMeters }) => `${friend.displayName} ${Math.round(distanceMeters)} m`,
  );
  console.log(`${connection.state}: ${names.join(', ') || 'nobody near'}`);
}
