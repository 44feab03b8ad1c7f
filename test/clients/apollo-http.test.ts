/** Apollo Client 4 without a WebSocket: its HttpLink subscribes by multipart/mixed. */
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { act, metric, move, signUp, signUpFriends, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

const HERE = { latitude: 50, longitude: 8 };
const NEARBY = gql`
  subscription ($radiusMeters: Float) {
    nearbyFriends(radiusMeters: $radiusMeters) {
      snapshot
      nearby {
        friend {
          handle
        }
      }
      left {
        friendId
        reason
      }
    }
  }
`;

let cluster: TestCluster;
let url: string;
beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});
afterAll(() => cluster.close());

function subscribe(server: string, user: TestUser, variables = {}): Seen {
  const link = new HttpLink({ uri: `${server}/graphql`, headers: { authorization: `Bearer ${user.token}` } });
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const seen: Seen = { frames: [], errors: [], leave: () => undefined };
  const subscription = client.subscribe<{ nearbyFriends: unknown }>({ query: NEARBY, variables }).subscribe({
    next({ data, error }) {
      if (error !== undefined) seen.errors.push(error);
      if (data != null) seen.frames.push(data.nearbyFriends);
    },
    error: (error) => seen.errors.push(error),
  });
  seen.leave = () => {
    subscription.unsubscribe();
  };
  onTestFinished(seen.leave);
  return seen;
}

interface Seen {
  readonly frames: unknown[];
  readonly errors: unknown[];
  leave(): void;
}

test('Apollo Client follows a friend, and nothing is left when it unsubscribes', async () => {
  const [ada, bob] = await signUpFriends(url);
  await move(url, ada, HERE);
  const { frames, errors, leave } = subscribe(url, ada);
  await vi.waitFor(() => expect(frames).toMatchObject([{ snapshot: true, nearby: [] }]), { timeout: 10_000 });
  await move(url, bob, HERE);
  await vi.waitFor(
    () => expect(frames.at(-1)).toMatchObject({ nearby: [{ friend: { handle: bob.handle } }] }),
    { timeout: 10_000 },
  );
  await act(url, bob, 'updateSharing(input: { enabled: false }) { enabled }');
  await vi.waitFor(() => expect(frames.at(-1)).toMatchObject({ left: [{ friendId: bob.id }] }), {
    timeout: 10_000,
  });
  expect(errors).toEqual([]);
  leave();
  await vi.waitFor(async () => expect(await metric(url, 'nearby_subscriptions')).toBe(0), {
    timeout: 10_000,
  });
});

test('Apollo Client is told by an error when the session has ended', async () => {
  const ada = await signUp(url);
  const seen = subscribe(url, ada);
  await vi.waitFor(() => expect(seen.frames).toHaveLength(1), { timeout: 10_000 });
  await act(url, ada, 'signOut');
  await vi.waitFor(() => expect(seen.errors).toHaveLength(1), { timeout: 10_000 });
  await vi.waitFor(async () => expect(await metric(url, 'nearby_subscriptions')).toBe(0), {
    timeout: 10_000,
  });
});

test('Apollo Client is told what is wrong with its subscription', async () => {
  const { errors, frames } = subscribe(url, await signUp(url), { radiusMeters: -1 });
  await vi.waitFor(() => expect(errors).toHaveLength(1), { timeout: 10_000 });
  expect(CombinedGraphQLErrors.is(errors[0]) && errors[0].errors[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
  });
  expect(frames).toEqual([]);
});

test('a server that shuts down ends the subscription with an error', async () => {
  const own = await startTestCluster(1);
  const server = own.urls[0] as string;
  const seen = subscribe(server, await signUp(server));
  await vi.waitFor(() => expect(seen.frames).toHaveLength(1), { timeout: 10_000 });
  await own.close();
  await vi.waitFor(() => expect(seen.errors).toHaveLength(1), { timeout: 10_000 });
});
