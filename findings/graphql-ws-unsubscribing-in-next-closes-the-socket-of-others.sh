#!/usr/bin/env bash
# Guess: `unsubscribe()` of graphql-ws's client may be called inside `next`, as whoever wants the first answer alone
# does. It ends that operation, and others on the socket go on.
#
# What happens: when the server's `next` and `complete` come together, as they do for every query, the operation is
# released twice. The client counts one operation too few, takes the socket for unused and closes it with 1000
# below a running subscription. That one is not retried and not told of an error: it completes. It is so with
# the WebSocket of `ws` and with Node's own. Unsubscribing after `next` has returned is safe.
#
# Versions: graphql-ws 6.4.2, ws 8.18.3, graphql 16.11.0, Node 22.14.0.
# Source: graphql-ws, client.js, subscribe: `unsubscribe` and the arrival of `complete` both call the releaser, which
# counts down whether or not it was called before; the listener goes only in a later microtask.
#
# For our users: a client on Node should unsubscribe in `queueMicrotask`, or wait for `complete`. Else a live list may
# end in silence after a query.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent graphql-ws@6.4.2 ws@8.18.3 graphql@16.11.0 node@22.14.0
node=$work/node_modules/node/bin/node
"$node" --version

cat >run.js <<'JS'
import { once } from 'node:events';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocket as Ws, WebSocketServer } from 'ws';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const type = GraphQLString;
async function* subscribe() {
  for (;;) {
    yield { place: 'here' };
    await wait(50);
  }
}
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { place: { type, resolve: () => 'there' } } }),
  subscription: new GraphQLObjectType({ name: 'Subscription', fields: { place: { type, subscribe } } }),
});
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
useServer({ schema }, server);
await once(server, 'listening');

/** How a running subscription fares when queries on its socket are unsubscribed from at their first answer. */
async function run(webSocketImpl, later) {
  const closes = [];
  const client = createClient({
    url: `ws://127.0.0.1:${server.address().port}`,
    webSocketImpl,
    shouldRetry: () => true,
    on: { closed: ({ code }) => closes.push(code) },
  });
  let end = 'runs on';
  let frames = 0;
  client.subscribe(
    { query: 'subscription { place }' },
    { next: () => frames++, error: (error) => (end = `error: ${error}`), complete: () => (end = 'completes') },
  );
  while (frames < 2) await wait(10);
  for (let query = 0; query < 20; query++) {
    await new Promise((resolve) => {
      const unsubscribe = client.subscribe(
        { query: '{ place }' },
        {
          next() {
            if (later) queueMicrotask(() => unsubscribe());
            else unsubscribe();
            resolve();
          },
          error: resolve,
          complete: resolve,
        },
      );
    });
    await wait(20);
  }
  const seen = `${end}, closes: ${closes.join() || 'none'}`;
  await client.dispose();
  return seen;
}
const seen = {
  'ws': await run(Ws, false),
  'ws, after next': await run(Ws, true),
  "Node's own": await run(WebSocket, false),
  "Node's own, after next": await run(WebSocket, true),
};
console.log(seen);
const [ends, runs] = ['completes, closes: 1000', 'runs on, closes: none'];
const asDescribed = Object.values(seen).join('; ') === [ends, runs, ends, runs].join('; ');
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 "$node" run.js
