import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { befriend, connect, move, signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster(1);
});
afterAll(() => cluster.close());

const NEARBY = gql`
  subscription {
    nearbyFriends {
      snapshot
      nearby {
        friend {
          id
          handle
        }
        distanceMeters
      }
      left {
        friendId
      }
    }
  }
`;

interface Nearby {
  nearbyFriends: { snapshot: boolean; nearby: { friend: { handle: string }; distanceMeters: number }[] };
}

test('Apollo Client follows a friend over graphql-ws', async () => {
  const url = cluster.urls[0] ?? '';
  const [ada, bob] = [await signUp(url), await signUp(url)];
  await befriend(url, ada, bob);
  await move(url, ada, { latitude: 50, longitude: 8 });
  const socket = connect(url, ada.token);
  const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });

  const frames: Nearby['nearbyFriends'][] = [];
  const seen = new Promise<void>((resolve, reject) => {
    client.subscribe<Nearby>({ query: NEARBY }).subscribe({
      next({ data, error }) {
        if (data == null) {
          reject(new Error(error?.message ?? 'no data'));
          return;
        }
        frames.push(data.nearbyFriends);
        if (data.nearbyFriends.snapshot) move(url, bob, { latitude: 50.01, longitude: 8 }).catch(reject);
        else resolve();
      },
      error: reject,
    });
  });
  await seen;
  await socket.dispose();

  expect(frames[0]).toMatchObject({ snapshot: true, nearby: [] });
  expect(frames[1]?.nearby[0]?.friend.handle).toBe(bob.handle);
  expect(frames[1]?.nearby[0]?.distanceMeters).toBeCloseTo(1111.95, 1);
});
