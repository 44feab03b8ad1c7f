import { createNearbyFriendsClient } from 'nearby-friends-client';
import { appLifecycle } from 'nearby-friends-client/react-native';
import { AppState } from 'react-native';

test('a client can be made', () => {
  const client = createNearbyFriendsClient({
    url: 'http://127.0.0.1:1/graphql',
    lifecycle: appLifecycle(AppState),
  });
  expect(client.connection).toEqual({ state: 'idle' });
});
