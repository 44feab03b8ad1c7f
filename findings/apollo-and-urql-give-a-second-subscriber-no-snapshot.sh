#!/usr/bin/env bash
# Guess: two components that run the same GraphQL subscription have two subscriptions, or share one that
# starts the second component with what the first has. In both cases each gets the first message, the
# snapshot.
#
# What happens: Apollo Client and urql open one subscription for equal documents and variables and replay
# nothing. The second component gets the next change as its first message and never sees the list. 'no-cache'
# does not change that. Apollo has a switch, `context: { queryDeduplication: false }`, whose documentation
# speaks of queries. urql has none; variables or documents that differ have different keys.
#
# Versions: @apollo/client 4.3.8, @urql/core 6.0.3, Node 20.20.
# Source: @apollo/client core/QueryManager.js, getObservableFromLink: `share()` for subscriptions,
# `shareReplay` for the rest. @urql/core client.ts, executeRequestOperation: one active source a key, and only
# results of queries are kept.
#
# For our users: `nearbyFriends` starts with a snapshot and continues with changes. A second component that
# joins later shows one friend instead of fifty until the next snapshot. Subscribe once in an app and
# share the assembled list. The SDK's `useNearbyFriends` and `client.nearbyFriends()` are not concerned,
# because each call has a subscription of its own; its urql exchange and Apollo link are.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent @apollo/client@4.3.8 @urql/core@6.0.3 graphql@16.15.0 rxjs@7.8.2

cat >run.js <<'JS'
import { ApolloClient, ApolloLink, gql, InMemoryCache, Observable } from '@apollo/client';
import { Client, subscriptionExchange } from '@urql/core';

const text = 'subscription { list { snapshot names } }';
const message = (snapshot, names) => ({ data: { list: { __typename: 'List', snapshot, names } } });
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A server: each subscription starts with a snapshot, and changes go to all. */
function createServer() {
  const sinks = [];
  return {
    subscribe(sink) {
      sinks.push(sink);
      setTimeout(() => sink.next(message(true, ['ada', 'grace'])));
    },
    change: (name) => sinks.forEach((sink) => sink.next(message(false, [name]))),
    get subscriptions() {
      return sinks.length;
    },
  };
}

function apollo(server, context) {
  const link = new ApolloLink(() => new Observable((sink) => server.subscribe(sink)));
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const query = gql(text);
  return (next) => client.subscribe({ query, fetchPolicy: 'no-cache', context }).subscribe(next);
}

function urql(server) {
  const forwardSubscription = () => ({
    subscribe: (sink) => {
      server.subscribe(sink);
      return { unsubscribe() {} };
    },
  });
  const client = new Client({ url: 'http://localhost', exchanges: [subscriptionExchange({ forwardSubscription })] });
  return (next) => client.subscription(text, {}).subscribe(next);
}

async function secondComponentSees(createSubscribe) {
  const server = createServer();
  const subscribe = createSubscribe(server);
  subscribe(() => {});
  await wait(50);
  const seen = [];
  subscribe(({ data }) => seen.push(`${data.list.snapshot ? 'snapshot' : 'change'} ${data.list.names}`));
  await wait(50);
  server.change('edith');
  await wait(50);
  return `${server.subscriptions} subscription(s) at the server; second component: ${seen.join('; ')}`;
}

const seen = {
  'Apollo Client': await secondComponentSees((server) => apollo(server)),
  'urql': await secondComponentSees((server) => urql(server)),
  'Apollo Client, queryDeduplication: false': await secondComponentSees((server) =>
    apollo(server, { queryDeduplication: false }),
  ),
};
for (const [client, line] of Object.entries(seen)) console.log(`${client}: ${line}`);
const [first, second, third] = Object.values(seen);
const shared = '1 subscription(s) at the server; second component: change edith';
const own = '2 subscription(s) at the server; second component: snapshot ada,grace; change edith';
const asDescribed = first === shared && second === shared && third === own;
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js
