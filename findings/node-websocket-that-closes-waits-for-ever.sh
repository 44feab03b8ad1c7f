#!/usr/bin/env bash
# Guess: `close()` of a WebSocket is followed by a `close` event within some seconds, also when the server has
# become silent: whoever implements it gives up waiting for the answer, as `ws` does after 30 s.
#
# What happens: Node's own WebSocket waits on. After 40 s its `readyState` is still 2, CLOSING, and its TCP
# connection is open. `ws` ends with 1006 after 30 s.
#
# Versions: Node 22.23.3 and 24.21.0, ws 8.18.3 on Node 24.21.0.
# Source: undici, lib/web/websocket: it sends the close frame and has no timer for the answer. RFC 6455, 7.1.1,
# lets a client close the TCP connection at any time, and WHATWG leaves the waiting time to the implementation.
#
# For our users: code that connects again in `onclose` never does so after it closed a half-open socket of Node's
# own WebSocket itself, for instance because a pong was missing. It must go on without the event. The SDK does.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent ws@8.18.3

cat >run.js <<'JS'
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { WebSocket as Ws } from 'ws';

// It answers the handshake and then neither answers nor closes, like one whose network is gone.
let open = 0;
const server = createServer((socket) => {
  open++;
  socket.on('close', () => open--).on('error', () => {});
  socket.once('data', (request) => {
    const key = /sec-websocket-key: (.*)\r\n/i.exec(request)[1];
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    const headers = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('\r\n')}\r\n\r\n`);
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const [Implementation, expected] = process.argv[2] === 'ws' ? [Ws, '1006 3 0'] : [WebSocket, 'none 2 1'];
const socket = new Implementation(`ws://127.0.0.1:${server.address().port}`);
let code = 'none';
socket.onerror = () => {};
socket.onclose = (event) => (code = event.code);
await new Promise((resolve) => (socket.onopen = resolve));
socket.close(1000);
await new Promise((resolve) => setTimeout(resolve, 40_000));
const seen = `${code} ${socket.readyState} ${open}`;
console.log(process.version, process.argv[2], { closeEvent: code, readyState: socket.readyState, connections: open });
console.log(seen === expected ? 'as described' : 'NO LONGER as described');
process.exit(seen === expected ? 0 : 1);
JS
for version in 22.23.3 24.21.0; do
  mkdir "$version"
  npm install --prefix "$version" --no-audit --no-fund --silent "node@$version"
done
timeout 60 22.23.3/node_modules/node/bin/node run.js builtin &
first=$!
timeout 60 24.21.0/node_modules/node/bin/node run.js builtin &
second=$!
timeout 60 24.21.0/node_modules/node/bin/node run.js ws &
third=$!
status=0
for pid in "$first" "$second" "$third"; do wait "$pid" || status=1; done
exit "$status"
