import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { befriend, connectForTest, move, signUp, signUpFriends, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 1.29, longitude: 103.85 };

let cluster: TestCluster;
let ann: TestUser;
let bob: TestUser;

beforeAll(async () => {
  cluster = await startTestCluster(2);
  [ann, bob] = await signUpFriends(server(0));
  await Promise.all([move(server(0), ann, HERE), move(server(1), bob, travel(HERE, 0, 1_000))]);
});

afterAll(() => cluster.close());

const server = (index: number): string => cluster.urls[index] as string;

interface Operation {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/** All that a subscription receives, from now on. */
function collect(client: Client, operation: Operation): unknown[] {
  const received: unknown[] = [];
  client.subscribe(operation, {
    next: ({ data, errors }) => received.push(errors ?? data),
    error: (error) => received.push(error),
    complete: () => undefined,
  });
  return received;
}

const ID: { readonly id: unknown } = { id: expect.any(String) };
const cases: readonly [string, Operation, unknown][] = [
  [
    'aliases everywhere, the root field too',
    {
      query: `subscription { around: nearbyFriends {
        whole: snapshot people: nearby { who: friend { key: id, key2: id } far: distanceMeters } from: origin { lat: latitude } } }`,
    },
    {
      around: {
        whole: expect.any(Boolean) as unknown,
        people: [{ who: { key: ID.id, key2: ID.id }, far: expect.closeTo(1_000, 0) as unknown }],
        from: { lat: HERE.latitude },
      },
    },
  ],
  [
    'named and inline fragments, with __typename where it may stand',
    {
      query: `subscription S { nearbyFriends { ...Frame ... on NearbyFriendsUpdate { origin { ...Place } } } }
        fragment Frame on NearbyFriendsUpdate { __typename nearby { __typename friend { __typename ...Card } location { ...Place } } }
        fragment Card on User { id displayName } fragment Place on Location { __typename longitude }`,
    },
    {
      nearbyFriends: {
        __typename: 'NearbyFriendsUpdate',
        nearby: [
          {
            __typename: 'NearbyFriend',
            friend: { __typename: 'User', ...ID, displayName: 'Somebody' },
            location: { __typename: 'Location', longitude: expect.any(Number) as number },
          },
        ],
        origin: { __typename: 'Location', longitude: HERE.longitude },
      },
    },
  ],
  [
    '@include and @skip by variables, in each event',
    {
      query: `subscription ($radius: Float = 10, $with: Boolean!, $without: Boolean!) {
        nearbyFriends(radiusMeters: $radius) {
          snapshot @skip(if: $without) left @include(if: $with) { friendId }
          nearby { distanceMeters @include(if: $with) friend { id } updatedAt @skip(if: $without) } origin @include(if: $without) { latitude } } }`,
      variables: { radius: 5_000, with: false, without: true },
    },
    { nearbyFriends: { nearby: [{ friend: ID }], origin: { latitude: HERE.latitude } } },
  ],
  [
    'a literal argument',
    { query: 'subscription { nearbyFriends(radiusMeters: 5e3) { nearby { friend { id } } } }' },
    { nearbyFriends: { nearby: [{ friend: ID }] } },
  ],
  [
    'a variable left out: the default radius',
    {
      query:
        'subscription ($radius: Float) { nearbyFriends(radiusMeters: $radius) { nearby { friend { id } } } }',
    },
    { nearbyFriends: { nearby: [{ friend: ID }] } },
  ],
  [
    'null for the radius: the default radius',
    {
      query:
        'subscription ($radius: Float) { nearbyFriends(radiusMeters: $radius) { nearby { friend { id } } } }',
      variables: { radius: null },
    },
    { nearbyFriends: { nearby: [{ friend: ID }] } },
  ],
  [
    'one of several operations, by its name',
    {
      query: `query Q { me { id } } subscription Narrow { nearbyFriends(radiusMeters: 1) { nearby { friend { id } } } }
        subscription Wide { nearbyFriends(radiusMeters: 9000) { nearby { friend { id } location { accuracyMeters recordedAt } } } }`,
      operationName: 'Wide',
    },
    {
      nearbyFriends: {
        nearby: [
          { friend: ID, location: { accuracyMeters: null, recordedAt: expect.any(String) as string } },
        ],
      },
    },
  ],
];

it('any selection set is answered as asked, in the snapshot and in changes, side by side on one socket', async () => {
  const client = connectForTest(server(0), ann.token);
  const subscriptions = cases.map(([name, operation, shape]) => ({
    name,
    shape,
    received: collect(client, operation),
  }));
  for (const count of [1, 2]) {
    if (count === 2) await move(server(1), bob, travel(HERE, 3, 1_000));
    await vi.waitFor(() => {
      for (const { name, received } of subscriptions) expect(received, name).toHaveLength(count);
    }, 5_000);
  }
  for (const { name, received, shape } of subscriptions) expect(received, name).toEqual([shape, shape]);
});

it('the same document again with other variables is another subscription', async () => {
  const client = connectForTest(server(1), ann.token);
  const query =
    'subscription ($radius: Float!) { nearbyFriends(radiusMeters: $radius) { nearby { friend { id } } } }';
  const narrow = collect(client, { query, variables: { radius: 10 } });
  const wide = collect(client, { query, variables: { radius: 10_000 } });
  await vi.waitFor(() => expect([narrow, wide].map(({ length }) => length)).toEqual([1, 1]), 5_000);
  expect(narrow).toEqual([{ nearbyFriends: { nearby: [] } }]);
  expect(wide).toEqual([{ nearbyFriends: { nearby: [{ friend: { id: bob.id } }] } }]);
});

it('names and operation ids in any script arrive whole', async () => {
  const NAME = 'Zoë Ελένη 山田 🙂 "quoted"';
  const eve = await signUp(server(1), undefined, NAME);
  await befriend(server(1), ann, eve);
  await move(server(1), eve, travel(HERE, 90, 2_000));
  const client = createClient({
    url: `${server(0).replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${ann.token}` },
    generateID: () => 'запрос 🙂',
  });
  onTestFinished(() => client.dispose());
  const received = collect(client, {
    query: 'subscription { nearbyFriends { nearby { friend { displayName } } } }',
  });
  await vi.waitFor(() => expect(received).toHaveLength(1), 5_000);
  expect(received).toEqual([
    {
      nearbyFriends: {
        nearby: expect.arrayContaining([{ friend: { displayName: NAME } }]) as unknown,
      },
    },
  ]);
});
