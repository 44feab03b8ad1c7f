/** An app without a screen: it prints what it would show. */
import { createAsyncStorage } from '@react-native-async-storage/async-storage';
import Geolocation from '@react-native-community/geolocation';
import { createNearbyFriendsClient, storedTokens } from 'nearby-friends-client';
import { appLifecycle, deviceLocation } from 'nearby-friends-client/react-native';
import { AppState } from 'react-native';

declare const launchOptions: { readonly url: string; readonly handle: string; readonly password: string };

const show = (what: object): void => {
  console.log(JSON.stringify(what));
};

async function main(): Promise<void> {
  const { url, handle, password } = launchOptions;
  const storage = createAsyncStorage('nearby-friends');
  const client = createNearbyFriendsClient({
    url,
    tokens: storedTokens(storage),
    lifecycle: appLifecycle(AppState),
    onSignedOut: () => {
      show({ signedOut: true });
    },
  });
  const found = await client.ready();
  show({ found });
  if (found === null) show({ signedIn: (await client.signIn({ handle, password })).displayName });
  client.nearbyFriends({ radiusMeters: 5_000 }).subscribe(
    ({ friends, connection }) => {
      show({
        friends: friends.map(
          ({ friend, distanceMeters }) => `${friend.displayName} ${Math.round(distanceMeters)} m`,
        ),
        connection: connection.state,
      });
    },
    ({ code }) => {
      show({ listEnded: code });
    },
  );
  client.shareLocation({
    source: deviceLocation(Geolocation),
    storage,
    policy: { movingMs: 0 },
    onReported: ({ latitude, longitude }) => {
      show({ reported: { latitude, longitude } });
    },
    onError: ({ message }) => {
      show({ sharingFailed: message });
    },
  });
  for await (const { connection } of client.nearbyFriends()) {
    show({ readWithForAwait: connection.state });
    break;
  }
  Object.assign(globalThis, {
    signOut: () =>
      void client.signOut().then(() => {
        show({ signedOutHere: true });
      }),
  });
}

main().catch((error: unknown) => {
  show({ failed: String(error) });
});
