/** Apollo Client 4: over one WebSocket, over HTTP alone, and over the SDK's connection. */
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createNearbyFriendsClient } from 'nearby-friends-client';
import { nearbyFriendsLink } from 'nearby-friends-client/apollo';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { systemClock } from '../../src/time/clock.js';
import { ask, connectForTest, signUp } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster } from '../support/nodes.js';
import { newUser } from './apps/http.js';
import { BEFRIEND, NEARBY, type Nearby, SHARE, SIGN_UP, type SignedUp } from './apps/operations.js';
import type { Person, SignUp } from './apps/person.js';
import { openSession, type Session } from './apps/session.js';
import { openSocket } from './apps/socket.js';
import { befriend, comeMoveAndLeave, goOn, startServer } from './story.js';

test.each<[string, SignUp]>([
  ['over graphql-ws and HTTP', overWebSocket],
  ['over HTTP alone', overHttp],
  ["over the SDK's connection", overSdk],
])('Apollo Client follows a friend %s', async (_, join) => {
  const server = await startServer();
  const pair = await befriend(server.url, join);
  await comeMoveAndLeave(pair);
  await goOn(pair, server);
});

function overWebSocket(url: string, handle: string): Promise<Person> {
  const session = openSession(url);
  const socket = openSocket(url, session);
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    httpLink(url, session),
  );
  return join(link, handle, session, () => socket.dispose());
}

/** Subscribes by multipart/mixed, and again when the stream is cut. */
function overHttp(url: string, handle: string): Promise<Person> {
  const session = openSession(url);
  const retry = new RetryLink({
    delay: { initial: 200, max: 1_000 },
    attempts: {
      max: Infinity,
      retryIf: (_, { operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    },
  });
  return join(ApolloLink.from([retry, httpLink(url, session)]), handle, session, () => undefined);
}

/** A refused token is renewed, and what it was refused for is sent again. */
function httpLink(url: string, session: Session): ApolloLink {
  return ApolloLink.from([
    new ErrorLink(({ error, operation, forward }) => {
      const isRefused =
        CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.['code'] === 'UNAUTHENTICATED';
      if (!isRefused) return;
      session.refused();
      return forward(operation);
    }),
    new SetContextLink(async ({ headers }) => ({
      headers: { ...headers, ...(await session.credentials()) },
    })),
    new HttpLink({ uri: `${url}/graphql` }),
  ]);
}

async function overSdk(url: string, handle: string): Promise<Person> {
  const sdk = createNearbyFriendsClient({ url: `${url}/graphql`, webSocketImpl: WebSocket });
  const { id } = await sdk.signUp(newUser(handle));
  return openPerson(id, nearbyFriendsLink(sdk), () => sdk.close());
}

async function join(
  link: ApolloLink,
  handle: string,
  session: Session,
  leave: () => unknown,
): Promise<Person> {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const { data } = await client.mutate<SignedUp>({
    mutation: gql(SIGN_UP),
    variables: { input: newUser(handle) },
  });
  if (data === undefined) throw new Error('not signed up');
  session.signIn(data.signUp);
  return openPerson(data.signUp.user.id, link, leave);
}

function openPerson(id: string, link: ApolloLink, leave: () => unknown): Person {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  return {
    id,
    befriend: (userId) => client.mutate({ mutation: gql(BEFRIEND), variables: { userId } }),
    share: (input) => client.mutate({ mutation: gql(SHARE), variables: { input } }),
    follow(next, ended) {
      const subscription = client
        .subscribe<Nearby>({ query: gql(NEARBY), fetchPolicy: 'no-cache' })
        .subscribe({
          next: ({ data, error }) => void (data == null ? ended(error) : next(data.nearbyFriends)),
          error: ended,
          complete: ended,
        });
      onTestFinished(() => subscription.unsubscribe());
    },
    leave,
  };
}

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
  client.subscribe<Nearby>({ query: gql(NEARBY) }).subscribe({
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
