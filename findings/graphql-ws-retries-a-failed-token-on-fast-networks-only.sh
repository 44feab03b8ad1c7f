#!/usr/bin/env bash
# Guess: an error thrown in `connectionParams` closes the socket with 4005. The documentation counts 4005 as
# fatal whatever `shouldRetry` answers, so the operation ends with the first error.
#
# What happens: the network decides. With `shouldRetry: () => true` the client asks about the thrown error, not
# about 4005, and connects again: `retryAttempts` times, then the operation ends with the last error. But it
# does not wait for the old socket's close. If `retryWait` is shorter than the round trip, that close counts as
# the new attempt's: the operation ends with 4005 and the first error's text, although the second token is
# fine. The second socket is then acknowledged and stays open without an owner, even after `dispose()`.
#
# Versions: graphql-ws 6.4.2 (client and server), ws 8.18.3, graphql 16.15.0, Node 20.20.
# Source: graphql-ws, client.ts: `socket.onopen` emits 'error' and closes with InternalClientError;
# `errorOrClosed` listens to one emitter for all sockets; `shouldRetryConnectOrThrow` compares codes of close
# events only. The documentation of `retryAttempts` lists 4005 among the fatal events.
#
# For our users: with an example that retries everything, a token that cannot be fetched is retried on a good
# network and ends the subscription on a slow one. In our README's example `connectionParams` throws only when
# the session is over, and `shouldRetry` says no then. A test on localhost shows only the good half.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent graphql-ws@6.4.2 ws@8.18.3 graphql@16.15.0

cat >run.js <<'JS'
import { createServer } from 'node:http';
import net from 'node:net';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocket, WebSocketServer } from 'ws';

const ONE_WAY_MS = 100;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}
const query = new GraphQLObjectType({
  name: 'Query',
  fields: { greeting: { type: GraphQLString, resolve: () => 'hello' } },
});
const http = createServer();
const sockets = new WebSocketServer({ server: http });
useServer({ schema: new GraphQLSchema({ query }) }, sockets);
const serverPort = await listening(http);
/** A network on which everything takes 100 ms each way. */
const slow = net.createServer((near) => {
  const far = net.connect(serverPort, '127.0.0.1');
  for (const [from, to] of [[near, far], [far, near]]) {
    from.on('data', (data) => setTimeout(() => to.writable && to.write(data), ONE_WAY_MS));
    from.on('end', () => setTimeout(() => to.end(), ONE_WAY_MS));
    from.on('error', () => to.destroy());
  }
});
const slowPort = await listening(slow);

async function subscribe(failures, options) {
  let asked = 0;
  const client = createClient({
    url: `ws://127.0.0.1:${slowPort}`,
    webSocketImpl: WebSocket,
    retryAttempts: 3,
    connectionParams() {
      asked++;
      if (asked <= failures) throw new Error(`no token ${asked}`);
      return {};
    },
    ...options,
  });
  const end = await new Promise((resolve) => {
    let greeting;
    client.subscribe(
      { query: '{ greeting }' },
      {
        next: ({ data }) => (greeting = data.greeting),
        error: (error) =>
          resolve(error instanceof Error ? `Error ${error.message}` : `close ${error.code} ${error.reason}`),
        complete: () => resolve(greeting),
      },
    );
  });
  await wait(1_000);
  await client.dispose();
  await wait(500);
  const open = sockets.clients.size;
  for (const socket of sockets.clients) socket.terminate();
  return `${end}; asked ${asked} times; ${open} sockets left open`;
}

const after = (ms) => ({ shouldRetry: () => true, retryWait: () => wait(ms) });
const seen = {
  'default shouldRetry, every token fails': await subscribe(9, { retryWait: () => wait(1_000) }),
  'retries after 1 s, every token fails': await subscribe(9, after(1_000)),
  'retries after 1 s, the first token fails': await subscribe(1, after(1_000)),
  'retries after 10 ms, the first token fails': await subscribe(1, after(10)),
};
console.log(seen);
const asDescribed =
  Object.values(seen).join('\n') ===
  [
    'Error no token 1; asked 1 times; 0 sockets left open',
    'Error no token 4; asked 4 times; 0 sockets left open',
    'hello; asked 2 times; 0 sockets left open',
    'close 4005 no token 1; asked 2 times; 1 sockets left open',
  ].join('\n');
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js
