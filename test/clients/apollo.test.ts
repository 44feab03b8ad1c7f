import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/time/clock.js';
import { ask, befriend, connect, connectForTest, move, signUp } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
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

test('Apollo Client goes on past the end of its token, with one line', async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + aheadMs };
  const own = await startTestCluster(1, {}, { clock });
  onTestFinished(() => own.close());
  const url = own.urls[0] ?? '';
  const ada = await signUp(url);
  const socket = connectForTest(url, ada.token);
  const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
  const frames: Nearby['nearbyFriends'][] = [];
  const errors: unknown[] = [];
  client.subscribe<Nearby>({ query: NEARBY }).subscribe({
    next: ({ data, error }) => void (data == null ? errors.push(error) : frames.push(data.nearbyFriends)),
    error: (error) => void errors.push(error),
  });
  const notRenewed = follow(url, ada);
  await notRenewed.next();

  aheadMs += 29 * 60_000;
  const refresh = 'mutation ($token: String!) { refreshToken(refreshToken: $token) { accessToken } }';
  const freshAccessToken = async (): Promise<string> =>
    (await ask<{ refreshToken: { accessToken: string } }>(url, null, refresh, { token: ada.refreshToken }))
      .refreshToken.accessToken;
  const query = 'mutation ($token: String!) { renewConnection(accessToken: $token) }';
  await socket.iterate({ query, variables: { token: await freshAccessToken() } }).next();
  aheadMs += 2 * 60_000;
  expect(await notRenewed.ended).toMatchObject({ code: 4403 });
  const { data } = await client.query<{ me: { id: string } }>({
    query: gql`
      {
        me {
          id
        }
      }
    `,
  });
  expect(data?.me.id).toBe(ada.id);
  expect(errors).toEqual([]);
  expect(frames.map(({ snapshot }) => snapshot)).toEqual([true]);
});
