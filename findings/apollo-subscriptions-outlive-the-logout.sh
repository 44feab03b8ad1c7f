#!/usr/bin/env bash
# Guess: `clearStore()` and `resetStore()` of Apollo Client, which its documentation names for logging out, end
# what the user has under way, and `stop()` ends everything.
#
# What happens: subscriptions go on after each of the three. Their handlers are called, and each message is
# written to the cache that was just cleared, so the next user of the page has the last one's friends in the
# cache. Only `unsubscribe()` ends one, or a link that ends its connection.
#
# Versions: @apollo/client 4.3.8, graphql 16.15.0, rxjs 7.8.2, Node 20 or newer.
# Source: @apollo/client, core/QueryManager.js: `clearStore` and `stop` know queries; startGraphQLSubscription
# registers nothing.
#
# For our users: an app must unsubscribe from `nearbyFriends`, or unmount the components that do, before it clears
# the store at logout, and choose `fetchPolicy: 'no-cache'` for live lists. The server ends the sockets of a
# session that ended.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent @apollo/client@4.3.8 graphql@16.15.0 rxjs@7.8.2

cat >run.js <<'JS'
import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client';
import { Subject } from 'rxjs';

const messages = new Subject();
const client = new ApolloClient({ cache: new InMemoryCache(), link: new ApolloLink(() => messages) });
const received = [];
const subscription = client.subscribe({ query: gql`subscription { friend { id name } }` }).subscribe({
  next: ({ data }) => received.push(data.friend.name),
  complete: () => received.push('complete'),
});
async function send(name) {
  messages.next({ data: { friend: { __typename: 'Friend', id: '1', name } } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const cached = client.cache.extract()['Friend:1']?.name;
  return { handler: received.at(-1), cached, listening: messages.observed };
}
const seen = { before: await send('Ada') };
await client.clearStore();
seen['after clearStore()'] = await send('Bob');
await client.resetStore();
seen['after resetStore()'] = await send('Cem');
client.stop();
seen['after stop()'] = await send('Dee');
subscription.unsubscribe();
seen['after unsubscribe()'] = await send('Eve');
console.log(seen);
const asDescribed =
  Object.values(seen).map((after) => Object.values(after).join(' ')).join() ===
  'Ada Ada true,Bob Bob true,Cem Cem true,Dee Dee true,Dee Dee false';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js
