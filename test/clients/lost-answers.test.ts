/** Operations that were carried out but whose answer was lost, sent again by the clients that apps use. */
import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client as UrqlClient } from '@urql/core';
import { type Client, createClient } from 'graphql-ws';
import {
  DeleteAccountDocument,
  MeDocument,
  memoryTokens,
  type NearbyFriendsClient,
  SignOutDocument,
  UpdateLocationDocument,
} from 'nearby-friends-client';
import { nearbyFriendsLink } from 'nearby-friends-client/apollo';
import { nearbyFriendsExchange } from 'nearby-friends-client/urql';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import WebSocket from 'ws';
import { ask, request, requestOverSocket, signUp, type TestUser } from '../support/api.js';
import { openAppSocket } from '../support/app-socket.js';
import { followNearby } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { query } from '../support/query.js';
import { HERE, newHandle, openClient, PASSWORD } from '../support/sdk-client.js';
import { startWire, type Wire } from '../support/wire.js';

const WITHIN = { timeout: 45_000, interval: 20 };

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

async function openWire(): Promise<Wire> {
  const wire = await startWire(url);
  onTestFinished(() => wire.close());
  return wire;
}

/** Sends something whose answer is lost once the database shows that it was carried out. */
async function loseAnswer<T>(wire: Wire, send: () => Promise<T>, isDone: () => Promise<boolean>): Promise<T> {
  wire.holdAnswers();
  const answer = send();
  await vi.waitFor(async () => expect(await isDone()).toBe(true), WITHIN);
  wire.cut();
  wire.mend();
  return answer;
}

/** As every app has, which keeps the socket open and comes back before anything else. */
async function openList(socket: Client): Promise<void> {
  await followNearby(socket).next();
}

const sessionsOf = (userId: string) =>
  query(cluster.database, 'SELECT FROM auth_sessions WHERE user_id = $1', [userId]);
const isOver = (userId: string) => async () => (await sessionsOf(userId)).length === 0;

const ENDING = [
  ['deleteAccount', true],
  // There was no session to end any more.
  ['signOut', false],
] as const;

describe.each(ENDING)('%s, which ends its own session,', (field, answerAgain) => {
  const mutation = `mutation { ${field} }`;

  test('is answered to a graphql-ws client, once', async () => {
    const user = await signUp(url);
    const closes: number[] = [];
    const socket = openAppSocket(url, user.token);
    socket.on('closed', (event) => closes.push((event as CloseEvent).code));
    expect(await requestOverSocket(socket, mutation)).toEqual({ data: { [field]: true } });
    await vi.waitFor(() => expect(closes).toHaveLength(1), WITHIN);
  });

  test('is answered to a graphql-ws client that sends it again', async () => {
    const user = await signUp(url);
    const wire = await openWire();
    const socket = openAppSocket(wire.url, user.token);
    await openList(socket);
    const answer = await loseAnswer(wire, () => requestOverSocket(socket, mutation), isOver(user.id));
    expect(answer).toEqual({ data: { [field]: answerAgain } });
  });

  test('is answered to Apollo Client over graphql-ws', async () => {
    const user = await signUp(url);
    const wire = await openWire();
    const socket = openAppSocket(wire.url, user.token);
    await openList(socket);
    const apollo = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
    const send = () => apollo.mutate({ mutation: gql(mutation) });
    expect((await loseAnswer(wire, send, isOver(user.id))).data).toEqual({ [field]: answerAgain });
  });

  test('is answered over HTTP', async () => {
    const user = await signUp(url);
    expect(await ask(url, user.token, mutation)).toEqual({ [field]: true });
    expect(await ask(url, user.token, mutation)).toEqual({ [field]: answerAgain });
  });

  test.each([
    ['answered', false],
    ['answered only the second time', true],
  ])('is %s to the SDK, which then forgets the session', async (_, isLost) => {
    const wire = await openWire();
    const onSignedOut = vi.fn();
    const tokens = memoryTokens();
    const client = openClient(wire.url, { tokens, onSignedOut });
    const { id } = await client.signUp({ handle: newHandle(), displayName: 'Leaving', password: PASSWORD });
    const listEnded = new Promise((resolve) => client.nearbyFriends().subscribe(() => undefined, resolve));
    await client.request(MeDocument);
    const send = (): Promise<unknown> =>
      field === 'signOut' ? client.request(SignOutDocument) : client.request(DeleteAccountDocument);
    const answer = isLost ? await loseAnswer(wire, send, isOver(id)) : await send();
    expect(answer).toEqual({ [field]: isLost ? answerAgain : true });
    expect([client.userId, tokens.load(), client.connection.state]).toEqual([null, null, 'idle']);
    expect(await listEnded).toMatchObject({ code: 'SIGNED_OUT' });
    expect(onSignedOut).not.toHaveBeenCalled();
  });
});

test('deleteAccount says that it was not done when something else ended the session', async () => {
  const user = await signUp(url);
  const wire = await openWire();
  const socket = openAppSocket(wire.url, user.token);
  await openList(socket);
  wire.cut();
  const answer = requestOverSocket(socket, 'mutation { deleteAccount }');
  await ask(url, user.token, 'mutation { signOut }');
  wire.mend();
  expect((await answer).errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
});

test('a list of a graphql-ws client ends with its session when the source of its tokens says so', async () => {
  const user = await signUp(url);
  let token: string | null = user.token;
  let isSignedOut = false;
  let attempts = 0;
  const socket = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: async () => {
      attempts++;
      token ??= await freshToken(user);
      isSignedOut = token === null;
      if (isSignedOut) throw new Error('Sign in again');
      return { authorization: `Bearer ${token}` };
    },
    retryAttempts: Infinity,
    shouldRetry: () => !isSignedOut,
    // Longer than the round trip, so that graphql-ws would try again.
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)),
    on: { closed: (event) => void ((event as CloseEvent).code === 4403 && (token = null)) },
  });
  onTestFinished(() => Promise.resolve(socket.dispose()).catch(() => undefined));
  const ended = new Promise<unknown>((resolve) => {
    socket.subscribe(
      { query: 'subscription { nearbyFriends { snapshot } }' },
      {
        next: () => void ask(url, user.token, 'mutation { signOut }'),
        error: resolve,
        complete: () => undefined,
      },
    );
  });
  expect(await ended).toMatchObject({ message: 'Sign in again' });
  expect(attempts).toBe(2);
});

/** Null when the session has ended. */
async function freshToken({ refreshToken }: TestUser): Promise<string | null> {
  const refresh = 'mutation ($t: String!) { refreshToken(refreshToken: $t) { accessToken } }';
  const { data } = await request<{ refreshToken: { accessToken: string } }>(url, null, refresh, {
    t: refreshToken,
  });
  return data?.refreshToken.accessToken ?? null;
}

test('a graphql-ws client whose network is gone without a word has its list over the next one', async () => {
  const user = await signUp(url);
  const wire = await openWire();
  const list = followNearby(openAppSocket(wire.url, user.token));
  await list.next();
  wire.strand();
  expect(await list.next(WITHIN.timeout)).toMatchObject({ snapshot: true });
});

describe('updateLocation without an id, sent again, is one row', () => {
  const UPDATE =
    'mutation Report($place: UpdateLocationInput!) { updateLocation(input: $place) { recorded } }';
  const variables = { place: HERE };
  type Send = (client: NearbyFriendsClient) => Promise<unknown>;

  test.each<[string, Send]>([
    [
      'by the Apollo link',
      async (client) => {
        const apollo = new ApolloClient({ link: nearbyFriendsLink(client), cache: new InMemoryCache() });
        const { data } = await apollo.mutate({ mutation: gql(UPDATE), variables });
        return data;
      },
    ],
    [
      'by the urql exchange',
      async (client) => {
        const urql = new UrqlClient({ url, exchanges: [nearbyFriendsExchange(client)] });
        const { data } = await urql.mutation<unknown>(UPDATE, variables);
        return data;
      },
    ],
    ['by request()', (client) => client.request(UpdateLocationDocument, { input: HERE })],
  ])('%s', async (_, send) => {
    const wire = await openWire();
    const client = openClient(wire.url);
    const { id } = await client.signUp({ handle: newHandle(), displayName: 'Once', password: PASSWORD });
    await client.request(MeDocument);
    const rows = () => query(cluster.database, 'SELECT FROM location_history WHERE user_id = $1', [id]);
    const answer = await loseAnswer(
      wire,
      () => send(client),
      async () => (await rows()).length > 0,
    );
    expect(answer).toMatchObject({ updateLocation: { recorded: true } });
    expect(await rows()).toHaveLength(1);
    // The same variables once more are another report.
    expect(await send(client)).toMatchObject({ updateLocation: { recorded: true } });
    expect(await rows()).toHaveLength(2);
  });
});
