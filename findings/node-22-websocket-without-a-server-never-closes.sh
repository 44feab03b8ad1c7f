#!/usr/bin/env bash
# Guess: a WebSocket of Node that cannot connect, or that is closed before it is connected, has an `error` event
# and then a `close` event with 1006, and its `readyState` is 3, CLOSED, as WHATWG says and as in browsers.
#
# What happens: on Node 22 there is no `close` event. Without a server `readyState` stays at 0, CONNECTING, for
# ever; after `close()` while connecting it stays at 2 and there are two `error` events. On Node 24 `close` comes
# with 1006, although after `close()` while connecting `readyState` is still 2 then.
#
# Versions: Node 22.23.3 and 24.21.0.
# Source: WHATWG WebSockets, "fail the WebSocket connection" and "when the WebSocket connection is closed": state
# CLOSED, then `error`, then `close`. undici is built into Node; `process.versions.undici` is printed.
#
# For our users: code for Node 22 that connects again in `onclose` alone never does so while the server is away.
# It must take `onerror` for the end as well, as graphql-ws does, or use the WebSocket of `ws`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >run.mjs <<'JS'
import { createServer } from 'node:net';

const server = createServer((socket) => socket.on('error', () => {}));
const port = () => server.address().port;
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const silent = `ws://127.0.0.1:${port()}`;
const closedPort = createServer();
await new Promise((resolve) => closedPort.listen(0, '127.0.0.1', resolve));
const nobody = `ws://127.0.0.1:${closedPort.address().port}`;
await new Promise((resolve) => closedPort.close(resolve));

async function see(url, close) {
  const socket = new WebSocket(url);
  const events = [];
  for (const name of ['open', 'error', 'close'])
    socket.addEventListener(name, ({ code }) => events.push(code === undefined ? name : `${name} ${code}`));
  if (close) setTimeout(() => socket.close(), 100);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  return `${events.join(', ')}; readyState ${socket.readyState}`;
}
const [refused, closed] = await Promise.all([see(nobody, false), see(silent, true)]);
console.log(process.version, 'undici', process.versions.undici);
console.log('nobody listens:', refused);
console.log('closed while connecting:', closed);
const expected = process.version.startsWith('v22.')
  ? ['error; readyState 0', 'error, error; readyState 2']
  : ['error, close 1006; readyState 3', 'error, close 1006; readyState 2'];
const asDescribed = refused === expected[0] && closed === expected[1];
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
for version in 22.23.3 24.21.0; do
  mkdir "$version"
  npm install --prefix "$version" --no-audit --no-fund --silent "node@$version"
  timeout 60 "$version/node_modules/node/bin/node" run.mjs
done
