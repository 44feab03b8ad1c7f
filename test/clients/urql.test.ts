import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { befriend, connect, move, signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster(1);
});
afterAll(() => cluster.close());

const NEARBY = `subscription { nearbyFriends { snapshot nearby { friend { id handle } } left { friendId reason } } }`;

interface Nearby {
  nearbyFriends: { snapshot: boolean; nearby: { friend: { handle: string } }[]; left: { reason: string }[] };
}

test('urql follows a friend over graphql-ws and asks over HTTP', async () => {
  const url = cluster.urls[0] ?? '';
  const [ada, bob] = [await signUp(url), await signUp(url)];
  await befriend(url, ada, bob);
  await move(url, ada, { latitude: 0, longitude: 179.99 });
  const socket = connect(url, ada.token);
  const client = new Client({
    url: `${url}/graphql`,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${ada.token}` } },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ ...request, query: request.query ?? '' }, sink),
          }),
        }),
      }),
    ],
  });

  const places = [-179.99, 170];
  const frames: Nearby['nearbyFriends'][] = [];
  await new Promise<void>((resolve, reject) => {
    client.subscription<Nearby>(NEARBY, {}).subscribe(({ data, error }) => {
      if (data === undefined) {
        reject(error ?? new Error('no data'));
        return;
      }
      frames.push(data.nearbyFriends);
      const longitude = places.shift();
      if (longitude === undefined) resolve();
      else move(url, bob, { latitude: 0, longitude }).catch(reject);
    });
  });
  const { data } = await client.query<{ me: { handle: string } }>('{ me { handle } }', {});
  await socket.dispose();

  expect(frames.map(({ snapshot }) => snapshot)).toEqual([true, false, false]);
  expect(frames[1]?.nearby[0]?.friend.handle).toBe(bob.handle);
  expect(frames[2]?.left[0]?.reason).toBe('OUT_OF_RANGE');
  expect(data?.me.handle).toBe(ada.handle);
});
