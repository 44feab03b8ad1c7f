#!/usr/bin/env bash
# Guess: `client.terminate()` of graphql-ws gives up the socket of a server that is silent. The operation runs on
# over the next socket, and nothing that the old server still says can reach it.
#
# What happens: with the WebSocket of `ws` the operation ends. The client subscribes again under the same id. The
# old socket waits for its close to be answered, and the client goes on listening to it. When the old server,
# which was busy for two seconds, completes the subscription before it reads the close, that `complete`
# ends the operation, although the new server goes on. Nothing is retried: for the client this is a regular
# end. Node's own WebSocket drops messages once it is closing, as browsers must.
#
# Versions: graphql-ws 6.4.2, ws 8.18.3, graphql 16.11.0, Node 22.14.0.
# Source: graphql-ws, client.js: on `terminate()` the socket loses its `onclose` and keeps its `onmessage`, which
# emits by the message's id for the whole client. WHATWG WebSockets, "when a WebSocket message has been
# received": if ready state is not OPEN, return.
#
# For our users: a client on Node that gives `webSocketImpl` of `ws` and calls `terminate()` should subscribe again
# when a live list completes without having been asked to, or use the platform's own WebSocket.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent graphql-ws@6.4.2 ws@8.18.3 graphql@16.11.0 node@22.14.0
node=$work/node_modules/node/bin/node
"$node" --version

cat >server.js <<'JS'
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const [name, busySeconds] = process.argv.slice(2);
const type = GraphQLString;
async function* subscribe() {
  yield { place: `${name} 1` };
  await new Promise((resolve) => setTimeout(resolve, 500));
  // Something else keeps this server busy; then the subscription ends.
  const freeAt = Date.now() + Number(busySeconds) * 1_000;
  while (Date.now() < freeAt);
  if (busySeconds === '0') await new Promise(() => {});
}
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { place: { type } } }),
  subscription: new GraphQLObjectType({ name: 'Subscription', fields: { place: { type, subscribe } } }),
});
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => console.log(server.address().port));
useServer({ schema }, server);
setTimeout(process.exit, 60_000);
JS

cat >run.js <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createClient } from 'graphql-ws';
import { WebSocket as Ws } from 'ws';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function start(name, busySeconds) {
  const child = spawn(process.execPath, ['server.js', name, busySeconds], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  return { child, url: `ws://127.0.0.1:${String(port).trim()}` };
}

async function run(webSocketImpl) {
  const old = await start('old', 2);
  const next = await start('new', 0);
  const seen = [];
  let sockets = 0;
  const client = createClient({
    url: () => (sockets++ === 0 ? old.url : next.url),
    webSocketImpl,
    retryWait: () => wait(10),
    shouldRetry: () => true,
  });
  client.subscribe(
    { query: 'subscription { place }' },
    {
      next: ({ data }) => seen.push(data.place),
      error: (error) => seen.push(`error: ${error}`),
      complete: () => seen.push('complete'),
    },
  );
  while (seen.length < 1) await wait(20);
  await wait(800);
  client.terminate();
  while (seen.length < 2) await wait(20);
  await wait(2_500);
  const answer = seen.join(', ');
  old.child.kill('SIGKILL');
  next.child.kill('SIGKILL');
  await Promise.all([old, next].map(({ child }) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  return answer;
}
const withWs = await run(Ws);
const withOwn = await run(globalThis.WebSocket);
console.log('ws:', withWs);
console.log("Node's own:", withOwn);
const asDescribed = withWs === 'old 1, new 1, complete' && withOwn === 'old 1, new 1';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 "$node" run.js
