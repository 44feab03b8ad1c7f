#!/usr/bin/env bash
# Guess: a subscription of urql gives each message once. When the server completes it, the source ends; when the
# connection breaks off, the last result has an error.
#
# What happens: at the end urql gives the last message once more, now with `hasNext: false`, over a subscription
# exchange and over event streams. Whoever adds up changes adds the last one twice. An event stream that ends
# without `complete`, as one does that a proxy ends when it restarts, looks exactly the same: no error.
# graphql-sse connects again in that case.
#
# Versions: @urql/core 6.0.3, graphql-sse 2.6.1, graphql 16.15.0, Node 20 or newer.
# Source: @urql/core, exchanges/subscription.ts and internal/fetchSource.ts: both pass the merged last result with
# `hasNext: false` when the source ends, and the latter does so at the end of the body, whatever the last event
# was.
#
# For our users: an app on urql should apply a message only while `hasNext` is true, and subscribe again after
# `hasNext: false` without an error, unless it expects the end. The list of `applyFrame` is the same after the
# same message, so with the SDK's exchange nothing is added twice.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent @urql/core@6.0.3 graphql@16.15.0 graphql-sse@2.6.1

cat >run.js <<'JS'
import { createServer } from 'node:http';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-sse';

const query = 'subscription { distance }';
let connections = 0;
const server = createServer((request, response) => {
  connections++;
  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('event: next\ndata: {"data":{"distance":1}}\n\n');
  setTimeout(() => {
    response.write('event: next\ndata: {"data":{"distance":2}}\n\n');
    response.end(request.url === '/completes' ? 'event: complete\ndata:\n\n' : '');
  }, 100);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const at = (path) => `http://127.0.0.1:${server.address().port}${path}`;

/** All results until the one without a next. */
function resultsOf(client) {
  const results = [];
  return new Promise((resolve) => {
    client.subscription(query, {}).subscribe(({ data, error, hasNext }) => {
      results.push(`${data?.distance}${error ? ` ${error.message}` : ''}${hasNext ? '' : ' (end)'}`);
      if (!hasNext) setTimeout(resolve, 100, results.join(', '));
    });
  });
}
const overEvents = (path) =>
  resultsOf(new Client({ url: at(path), preferGetMethod: false, exchanges: [fetchExchange], fetchSubscriptions: true }));
async function send(sink) {
  for (const distance of [1, 2]) {
    await null;
    sink.next({ data: { distance } });
  }
  sink.complete();
}
const forwardSubscription = () => ({ subscribe: (sink) => (send(sink), { unsubscribe: () => {} }) });
const overExchange = resultsOf(
  new Client({ url: at('/'), preferGetMethod: false, exchanges: [subscriptionExchange({ forwardSubscription })] }),
);
const seen = {
  'urql, subscription exchange': await overExchange,
  'urql, event stream with complete': await overEvents('/completes'),
  'urql, event stream that ends': await overEvents('/ends'),
};
connections = 0;
const stop = createClient({ url: at('/ends') }).subscribe({ query }, { next() {}, error() {}, complete() {} });
while (connections < 2) await new Promise((resolve) => setTimeout(resolve, 50));
stop();
seen['graphql-sse, event stream that ends'] = 'connects again';
console.log(seen);
const asDescribed = Object.values(seen).slice(0, 3).every((results) => results === '1, 2, 2 (end)');
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js
