/** Apollo Client's useSubscription, over GraphQLWsLink and without the SDK. */
import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { ApolloProvider, useSubscription } from '@apollo/client/react';
import { StrictMode } from 'react';
import { expect, test, vi } from 'vitest';
import { connectForTest, metric, move, signUpFriends } from '../support/api.js';
import { openPage } from '../support/react-page.js';
import { NEARBY, type Nearby } from './apps/operations.js';
import { HERE, NEAR, NEARER, startServer } from './story.js';

const WITHIN = { timeout: 10_000, interval: 20 };

test('useSubscription in StrictMode shows a friend come and move, by one subscription, until unmounted', async () => {
  const { url } = await startServer();
  const [ada, bob] = await signUpFriends(url);
  await move(url, ada, HERE);
  const client = new ApolloClient({
    link: new GraphQLWsLink(connectForTest(url, ada.token)),
    cache: new InMemoryCache(),
  });
  const page = await openPage();
  page.render(
    <StrictMode>
      <ApolloProvider client={client}>
        <LastMessage />
      </ApolloProvider>
    </StrictMode>,
  );
  const shows = (text: string) => vi.waitFor(() => expect(page.text('p')).toBe(text), WITHIN);
  await shows('nobody');
  await move(url, bob, NEAR);
  await shows(`${bob.handle} ${NEAR.latitude}`);
  await move(url, bob, NEARER);
  await shows(`${bob.handle} ${NEARER.latitude}`);
  expect(await metric(url, 'nearby_subscriptions')).toBe(1);
  page.close();
  await vi.waitFor(async () => expect(await metric(url, 'nearby_subscriptions')).toBe(0), WITHIN);
});

function LastMessage() {
  const { data, error } = useSubscription<Nearby>(gql(NEARBY), { fetchPolicy: 'no-cache' });
  if (data === undefined) return <p>{error?.message ?? 'loading'}</p>;
  const [nearest] = data.nearbyFriends.nearby;
  return <p>{nearest === undefined ? 'nobody' : `${nearest.friend.handle} ${nearest.location.latitude}`}</p>;
}
