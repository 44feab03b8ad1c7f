import { ApolloClient, gql, InMemoryCache, type TypedDocumentNode } from '@apollo/client';
import { ApolloProvider, useFragment, useQuery } from '@apollo/client/react';
import { MeDocument, NearbyFriendsError, type NearbyFriendsClient } from 'nearby-friends-client';
import { NEARBY_FRIENDS, nearbyFriendsLink, nearbyFriendsTypePolicies } from 'nearby-friends-client/apollo';
import { NearbyFriendsProvider, useNearbyFriends } from 'nearby-friends-client/apollo-react';
import { type ReactNode, StrictMode, useLayoutEffect } from 'react';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { metric, move } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { openPage } from '../support/react-page.js';
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

const openApollo = (client: NearbyFriendsClient): ApolloClient =>
  new ApolloClient({
    link: nearbyFriendsLink(client),
    cache: new InMemoryCache({ typePolicies: nearbyFriendsTypePolicies }),
  });

describe('nearbyFriendsLink', () => {
  test('Apollo asks, changes and watches over the one connection', async () => {
    const { client, friend } = await openWithFriend(url);
    const apollo = openApollo(client);
    const { data } = await apollo.query<{ me: { id: string } }>({ query: gql('{ me { id } }') });
    expect(data?.me.id).toBe(client.userId);
    const moved = await apollo.mutate<{ updateLocation: { recorded: boolean } }>({
      mutation: gql('mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { recorded } }'),
      variables: { input: HERE },
    });
    expect(moved.data?.updateLocation.recorded).toBe(true);

    const told: number[] = [];
    const query: TypedDocumentNode<{ nearbyFriends: { nearby: unknown[] } }> = gql(
      'subscription { nearbyFriends { nearby { friend { id } distanceMeters } } }',
    );
    const subscription = apollo
      .subscribe({ query })
      .subscribe(({ data: frame }) => told.push(frame?.nearbyFriends.nearby.length ?? -1));
    await vi.waitFor(() => expect(told).toEqual([0]), WITHIN);
    await move(url, friend, travel(HERE, 0, 1_000));
    await vi.waitFor(() => expect(told).toEqual([0, 1]), WITHIN);
    subscription.unsubscribe();
    await vi.waitFor(async () => expect(await metric(url, 'nearby_subscriptions')).toBe(0), WITHIN);
  });

  test('an update that is written into the document, and whose answer is lost, is recorded once', async () => {
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    const { client } = await openWithFriend(url, { url: `${wire.url}/graphql` });
    await client.request(MeDocument);
    wire.holdAnswers();
    const mutation = gql('mutation { updateLocation(input: {latitude: 1, longitude: 2}) { recorded } }');
    const moved = openApollo(client).mutate<{ updateLocation: { recorded: boolean } }>({ mutation });
    const rows = () => countRows(cluster.database, client);
    await vi.waitFor(async () => expect(await rows()).toBe(2), WITHIN);
    wire.cut();
    wire.mend();
    expect((await moved).data?.updateLocation.recorded).toBe(true);
    expect(await rows()).toBe(2);
  });

  test('what fails has the code of the API', async () => {
    const { client } = await openWithFriend(url);
    const mutation = gql(`mutation { sendFriendRequest(userId: "${NOBODY}") { id } }`);
    const failure: unknown = await openApollo(client)
      .mutate({ mutation })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NearbyFriendsError);
    expect(failure).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('nothing waits for a client that was closed', async () => {
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    const { client } = await openWithFriend(url, { url: `${wire.url}/graphql` });
    wire.stall();
    const answer = openApollo(client).query({ query: gql('{ me { id } }') });
    const failed = expect(answer).rejects.toThrow();
    await client.close();
    await failed;
  });
});

describe('useNearbyFriends', () => {
  function Around({ client, apollo, children }: AroundProps) {
    return (
      <StrictMode>
        <NearbyFriendsProvider value={client}>
          <ApolloProvider client={apollo}>{children}</ApolloProvider>
        </NearbyFriendsProvider>
      </StrictMode>
    );
  }

  interface AroundProps {
    readonly client: NearbyFriendsClient;
    readonly apollo: ApolloClient;
    readonly children: ReactNode;
  }

  interface ListProps {
    readonly radiusMeters?: number;
    /** Gets each text that was on the page. */
    readonly shown?: string[];
  }

  function List({ radiusMeters, shown }: ListProps) {
    const { friends, origin, loading, connection, error } = useNearbyFriends({ radiusMeters });
    const distances = friends.map(({ distanceMeters }) => Math.round(distanceMeters)).join(' ');
    const said = error?.code ?? (loading ? 'loading' : connection.state);
    const text = `${said} from ${origin?.latitude ?? 'nowhere'}: ${distances}`;
    useLayoutEffect(() => void shown?.push(text), [shown, text]);
    return <p>{text}</p>;
  }

  /** Somewhere else on the page: what the cache has. */
  function Reader({ radiusMeters }: { readonly radiusMeters?: number }) {
    const { data } = useQuery(NEARBY_FRIENDS, { variables: { radiusMeters }, fetchPolicy: 'cache-only' });
    const distances = data?.nearbyFriends.map(({ distanceMeters }) => Math.round(distanceMeters));
    return <q>{distances?.join(' ') ?? 'nothing'}</q>;
  }

  const DISTANCE: TypedDocumentNode<{ distanceMeters: number }> = gql(
    'fragment Distance on NearbyFriend { distanceMeters }',
  );

  function One({ id }: { readonly id: string }) {
    const { data, complete } = useFragment({
      fragment: DISTANCE,
      from: { __typename: 'NearbyFriend', friend: { __typename: 'User', id } },
    });
    return <b>{complete ? Math.round(data.distanceMeters) : 'nothing'}</b>;
  }

  test.each([[5_000], [undefined]])(
    'keeps the page and the cache up to date within a radius of %s, by one subscription, until unmounted',
    async (radiusMeters) => {
      const { client, friend } = await openWithFriend(url);
      const apollo = openApollo(client);
      const page = await openPage();
      const lists: string[] = [];
      page.render(
        <Around client={client} apollo={apollo}>
          <List radiusMeters={radiusMeters} shown={lists} />
          <Reader radiusMeters={radiusMeters} />
          <One id={friend.id} />
        </Around>,
      );
      const shown = () => [page.text('p'), page.text('q'), page.text('b')];
      const from = `from ${HERE.latitude}`;
      await vi.waitFor(() => expect(shown()).toEqual([`live ${from}: `, '', 'nothing']), WITHIN);
      expect(lists[0]).toBe('loading from nowhere: ');
      for (const meters of [1_000, 2_000]) {
        await move(url, friend, travel(HERE, 0, meters));
        const expected = [`live ${from}: ${meters}`, `${meters}`, `${meters}`];
        await vi.waitFor(() => expect(shown()).toEqual(expected), WITHIN);
      }
      expect(apollo.cache.extract()).toHaveProperty([`User:${friend.id}`, 'handle'], friend.handle);
      // StrictMode mounts twice; the first of them was ended.
      await vi.waitFor(async () => expect(await metric(url, 'nearby_subscriptions')).toBe(1), WITHIN);

      await move(url, friend, travel(HERE, 0, 9_000));
      await vi.waitFor(() => expect(shown()).toEqual([`live ${from}: `, '', 'nothing']), WITHIN);
      page.close();
      await vi.waitFor(async () => expect(await metric(url, 'nearby_subscriptions')).toBe(0), WITHIN);
    },
  );

  test('who leaves a list leaves the cache when on no other list, and takes nothing else along', async () => {
    const { client, friend } = await openWithFriend(url);
    const apollo = openApollo(client);
    const note = { __typename: 'Note', id: '1', text: 'not read by any query' };
    const fragment: TypedDocumentNode<typeof note> = gql('fragment Text on Note { id text }');
    apollo.cache.writeFragment({ fragment, data: note });
    await move(url, friend, travel(HERE, 0, 500));
    const page = await openPage();
    page.render(
      <Around client={client} apollo={apollo}>
        <List radiusMeters={1_000} />
        <List radiusMeters={5_000} />
        <Reader radiusMeters={5_000} />
        <One id={friend.id} />
      </Around>,
    );
    const shown = () => [page.text('q'), page.text('b')];
    await vi.waitFor(() => expect(shown()).toEqual(['500', '500']), WITHIN);
    await move(url, friend, travel(HERE, 0, 2_000));
    await vi.waitFor(() => expect(shown()).toEqual(['2000', '2000']), WITHIN);
    await move(url, friend, travel(HERE, 0, 9_000));
    await vi.waitFor(() => expect(shown()).toEqual(['', 'nothing']), WITHIN);
    const cached = apollo.cache.extract() as object;
    expect(Object.keys(cached).filter((id) => id.startsWith('NearbyFriend:'))).toEqual([]);
    expect(cached).toHaveProperty(['Note:1', 'text'], note.text);
  });

  test('another radius is another list, from the start', async () => {
    const { client, friend } = await openWithFriend(url);
    const apollo = openApollo(client);
    await move(url, friend, travel(HERE, 0, 2_000));
    const page = await openPage();
    const show = (radiusMeters: number, shown: string[]) => {
      page.render(
        <Around client={client} apollo={apollo}>
          <List radiusMeters={radiusMeters} shown={shown} />
        </Around>,
      );
    };
    show(5_000, []);
    await vi.waitFor(() => expect(page.text('p')).toMatch(/^live.*: 2000$/), WITHIN);
    const narrower: string[] = [];
    show(1_000, narrower);
    await vi.waitFor(() => expect(page.text('p')).toMatch(/^live.*: $/), WITHIN);
    expect(narrower[0]).toBe('loading from nowhere: ');
    await vi.waitFor(async () => expect(await metric(url, 'nearby_subscriptions')).toBe(1), WITHIN);
  });

  test('says when the list is stale, and keeps it', async () => {
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    const { client, friend } = await openWithFriend(url, { url: `${wire.url}/graphql` });
    await move(url, friend, travel(HERE, 0, 2_000));
    const page = await openPage();
    page.render(
      <Around client={client} apollo={openApollo(client)}>
        <List />
      </Around>,
    );
    await vi.waitFor(() => expect(page.text('p')).toMatch(/^live.*: 2000$/), WITHIN);
    wire.cut();
    await vi.waitFor(() => expect(page.text('p')).toMatch(/^reconnecting.*: 2000$/), WITHIN);
    wire.mend();
    await vi.waitFor(() => expect(page.text('p')).toMatch(/^live.*: 2000$/), WITHIN);
  });

  test('an end of the session is an error, and leaves nobody on the page or in the cache', async () => {
    const { client, friend } = await openWithFriend(url);
    await move(url, friend, travel(HERE, 0, 2_000));
    const page = await openPage();
    page.render(
      <Around client={client} apollo={openApollo(client)}>
        <List />
        <Reader />
        <One id={friend.id} />
      </Around>,
    );
    await vi.waitFor(() => expect([page.text('q'), page.text('b')]).toEqual(['2000', '2000']), WITHIN);
    await client.signOut();
    await vi.waitFor(() => expect(page.text('p')).toBe('SIGNED_OUT from nowhere: '), WITHIN);
    await vi.waitFor(() => expect([page.text('q'), page.text('b')]).toEqual(['nothing', 'nothing']), WITHIN);
  });

  test('a radius that is not allowed is an error with its code', async () => {
    const { client } = await openWithFriend(url);
    const page = await openPage();
    page.render(
      <Around client={client} apollo={openApollo(client)}>
        <List radiusMeters={-1} />
      </Around>,
    );
    await vi.waitFor(() => expect(page.text('p')).toBe('BAD_USER_INPUT from nowhere: '), WITHIN);
  });
});
