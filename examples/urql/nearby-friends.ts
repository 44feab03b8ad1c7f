/** Prints the nearby friends at every change: npx tsx examples/urql/nearby-friends.ts URL HANDLE PASSWORD */
import { Client } from '@urql/core';
import {
  applyFrame,
  createNearbyFriendsClient,
  EMPTY_LIST,
  MeDocument,
  type MeQuery,
  NearbyFriendsDocument,
  type NearbyFriendsSubscription,
} from 'nearby-friends-client';
import { nearbyFriendsExchange } from 'nearby-friends-client/urql';
import { WebSocket } from 'ws';

const [url = 'http://127.0.0.1:4000/graphql', handle = 'ada', password = 'correct horse'] =
  process.argv.slice(2);

const nearbyFriends = createNearbyFriendsClient({ url, webSocketImpl: WebSocket });
await nearbyFriends.signIn({ handle, password });
const urql = new Client({ url, exchanges: [nearbyFriendsExchange(nearbyFriends)] });

const { data: me } = await urql.query<MeQuery>(MeDocument.toString(), {});
console.log(`signed in as ${me?.me.displayName}`);

let list = EMPTY_LIST;
urql
  .subscription<NearbyFriendsSubscription>(NearbyFriendsDocument.toString(), { radiusMeters: 5_000 })
  .subscribe(({ data, error }) => {
    if (error !== undefined) console.error(error.message);
    if (data === undefined) return;
    list = applyFrame(list, data.nearbyFriends);
    const names = list.friends.map(
      ({ friend, distanceMeters }) => `${friend.displayName} ${Math.round(distanceMeters)} m`,
    );
    console.log(names.join(', ') || 'nobody near');
  });
