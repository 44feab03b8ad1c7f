import { Client, type CombinedError, gql } from '@urql/core';
import { MeDocument, NearbyFriendsError } from 'nearby-friends-client';
import { nearbyFriendsExchange } from 'nearby-friends-client/urql';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { metric, move } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { countRows, HERE, NOBODY, openWithFriend } from '../support/sdk-client.js';
import { travel } from '../support/sphere.js';
import { startWire } from '../support/wire.js';

const WITHIN = { timeout: 10_000, interval: 10 };

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

async function open() {
  const { client, friend } = await openWithFriend(url);
  const urql = new Client({ url: `${url}/graphql`, exchanges: [nearbyFriendsExchange(client)] });
  return { client, friend, urql };
}

test('urql asks, changes and watches over the one connection', async () => {
  const { client, friend, urql } = await open();
  const { data } = await urql.query<{ me: { id: string } }>('{ me { id } }', {});
  expect(data?.me.id).toBe(client.userId);
  const moved = await urql.mutation<{ updateLocation: { recorded: boolean } }>(
    gql`
      mutation ($input: UpdateLocationInput!) {
        updateLocation(input: $input) {
          recorded
        }
      }
    `,
    { input: HERE },
  );
  expect(moved.data?.updateLocation.recorded).toBe(true);

  interface Nearby {
    nearbyFriends: { nearby: { distanceMeters: number }[] };
  }
  const told: number[][] = [];
  const { unsubscribe } = urql
    .subscription<Nearby>('subscription { nearbyFriends { nearby { distanceMeters } } }', {})
    .subscribe(({ data: frame }) => {
      if (frame !== undefined)
        told.push(frame.nearbyFriends.nearby.map(({ distanceMeters }) => Math.round(distanceMeters)));
    });
  await vi.waitFor(() => expect(told).toEqual([[]]), WITHIN);
  await move(url, friend, travel(HERE, 0, 1_000));
  await vi.waitFor(() => expect(told).toEqual([[], [1_000]]), WITHIN);

  unsubscribe();
  await vi.waitFor(async () => expect(await metric(url, 'nearby_subscriptions')).toBe(0), WITHIN);
});

test('an update that is written into the document, and whose answer is lost, is recorded once', async () => {
  const wire = await startWire(url);
  onTestFinished(() => wire.close());
  const { client } = await openWithFriend(url, { url: `${wire.url}/graphql` });
  await client.request(MeDocument);
  const urql = new Client({ url: `${url}/graphql`, exchanges: [nearbyFriendsExchange(client)] });
  wire.holdAnswers();
  const document = 'mutation { updateLocation(input: {latitude: 1, longitude: 2}) { recorded } }';
  const moved = urql.mutation<{ updateLocation: { recorded: boolean } }>(document, {}).toPromise();
  const rows = () => countRows(cluster.database, client);
  await vi.waitFor(async () => expect(await rows()).toBe(2), WITHIN);
  wire.cut();
  wire.mend();
  expect((await moved).data?.updateLocation.recorded).toBe(true);
  expect(await rows()).toBe(2);
});

test('what fails has the code of the API', async () => {
  const { urql } = await open();
  const codes = (error: CombinedError | undefined) => {
    expect(error?.networkError).toBeInstanceOf(NearbyFriendsError);
    return (error?.networkError as NearbyFriendsError).code;
  };
  const mutation = await urql.mutation(`mutation { sendFriendRequest(userId: "${NOBODY}") { id } }`, {});
  expect(codes(mutation.error)).toBe('NOT_FOUND');
  const refused = new Promise<CombinedError | undefined>((resolve) => {
    urql
      .subscription('subscription { nearbyFriends(radiusMeters: -1) { snapshot } }', {})
      .subscribe(({ error }) => {
        resolve(error);
      });
  });
  expect(codes(await refused)).toBe('BAD_USER_INPUT');
});
