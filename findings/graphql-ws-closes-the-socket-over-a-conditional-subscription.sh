#!/usr/bin/env bash
# Guess: a subscription whose root field has `@include(if: $variable)` runs, or, where that is not allowed, it alone is
# answered with a validation error. Other operations of the same socket go on.
#
# What happens: `validate` of graphql-js throws instead of reporting, with or without a default and whatever the
# variable's value. graphql-ws takes a throw for its own failure: it closes the socket with 4500, and every
# other operation on it ends. graphql-ws clients take 4500 for fatal and don't come back. The same
# directive one level deeper, or with a literal, is fine.
#
# Versions: graphql 16.15.0, graphql-ws 6.4.2, ws 8.18.3, Node 20 or newer.
# Source: graphql-js, SingleFieldSubscriptionsRule.js: it collects the root's fields with no variables at all, and
# a missing required variable throws. The GraphQL specification forbids such directives at a subscription's
# root since September 2025; before, they were allowed.
#
# For our users: our server answers with GRAPHQL_VALIDATION_FAILED and the socket lives on. A client should choose
# between two documents, or put the directive on a field below the root.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent graphql@16.15.0 graphql-ws@6.4.2 ws@8.18.3

cat >run.js <<'JS'
import { GraphQLFloat, GraphQLObjectType, GraphQLSchema, parse, validate } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocket, WebSocketServer } from 'ws';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function* subscribe() {
  for (;;) {
    yield { place: { latitude: 1 } };
    await wait(50);
  }
}
const type = new GraphQLObjectType({ name: 'Place', fields: { latitude: { type: GraphQLFloat } } });
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { place: { type } } }),
  subscription: new GraphQLObjectType({ name: 'Subscription', fields: { place: { type, subscribe } } }),
});
const answer = (document) => {
  try {
    return validate(schema, parse(document)).map(({ message }) => message).join() || 'valid';
  } catch {
    return 'throws';
  }
};
const atRoot = 'subscription ($x: Boolean!) { place @include(if: $x) { latitude } }';
const validated = {
  'variable at the root': answer(atRoot),
  'variable with a default': answer('subscription ($x: Boolean = true) { place @include(if: $x) { latitude } }'),
  'literal at the root': answer('subscription { place @include(if: true) { latitude } }'),
  'variable below the root': answer('subscription ($x: Boolean!) { place { latitude @include(if: $x) } }'),
};

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await new Promise((resolve) => server.once('listening', resolve));
useServer({ schema }, server);
const closes = [];
const client = createClient({
  url: `ws://127.0.0.1:${server.address().port}`,
  webSocketImpl: WebSocket,
  shouldRetry: () => true,
  on: { closed: ({ code }) => closes.push(code) },
});
const subscribeTo = (payload) => {
  const seen = { frames: 0, end: 'none' };
  client.subscribe(payload, {
    next: () => seen.frames++,
    error: (error) => (seen.end = `error ${error.code ?? error}`),
    complete: () => (seen.end = 'complete'),
  });
  return seen;
};
const other = subscribeTo({ query: 'subscription { place { latitude } }' });
while (other.frames < 3) await wait(20);
subscribeTo({ query: atRoot, variables: { x: true } });
await wait(2_000);
console.log(validated, 'closes:', closes.join(), 'the other subscription ends with:', other.end);
const asDescribed =
  Object.values(validated).join() === 'throws,throws,valid,valid' && closes.join() === '4500' && other.end === 'error 4500';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js
