#!/usr/bin/env bash
# Guess: an executor of graphql-tools for WebSockets that is given the connection parameters of each request asks with
# them. Two users behind one gateway are two users to the server.
#
# What happens: the executor has one connection. Its parameters are those of whoever opened it, and everybody who
# asks while it is open is answered as that user. What others gave meanwhile is merged into the parameters of the next
# connection, which may therefore open as somebody who asked for something else.
#
# Versions: @graphql-tools/executor-graphql-ws 3.2.0, graphql-ws 6.4.2, graphql 16.15.0, Node 20 or newer.
# Source: @graphql-tools/executor-graphql-ws, dist/index.js: `executorConnectionParams` is a variable of the executor,
# and `extensions.connectionParams` are assigned to it.
#
# For our users: a gateway in front of this server makes an executor for each user, or asks with buildHTTPExecutor,
# whose headers belong to the request. test/clients/gateways.test.ts shows both.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent @graphql-tools/executor-graphql-ws@3.2.0 graphql-ws@6.4.2 graphql@16.15.0 ws@8.23.0

cat >run.js <<'JS'
import { createServer } from 'node:http';
import { buildGraphQLWSExecutor } from '@graphql-tools/executor-graphql-ws';
import { buildSchema, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const schema = buildSchema('type Query { me: String } type Subscription { ticks: Int }');
const roots = {
  query: { me: (_, { connectionParams }) => connectionParams.user },
  subscription: {
    async *ticks() {
      yield { ticks: 1 };
      await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
    },
  },
};
const server = createServer();
const sockets = new WebSocketServer({ server, path: '/' });
useServer({ schema, roots, context: ({ connectionParams }) => ({ connectionParams }) }, sockets);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const execute = buildGraphQLWSExecutor({ url: `ws://127.0.0.1:${server.address().port}/` });
const as = (user, query) => execute({ document: parse(query), extensions: { connectionParams: { user } } });

const ticks = as('ada', 'subscription { ticks }')[Symbol.asyncIterator]();
await ticks.next();
const answer = await as('bob', '{ me }');
console.log('bob asks who he is while a subscription of ada runs:', answer.data.me);
const asDescribed = answer.data.me === 'ada';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js
