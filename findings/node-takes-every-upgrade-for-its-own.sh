#!/usr/bin/env bash
# Guess: a server with a listener for `upgrade` gets WebSockets there, and a POST that merely offers HTTP/2
# (`Upgrade: h2c`, as Java's HttpClient does on every new connection to an http:// address) reaches `request`, as RFC 9110
# lets a server ignore an offer.
#
# What happens: as soon as anybody listens for `upgrade`, every request with `Connection: Upgrade` goes there and none to
# `request`, whatever it offers. Node has taken the connection out of HTTP by then, and the body stands in `head`, unread.
# A server that refuses what is no WebSocket, as examples do, refuses all of Java's requests. Without a listener the same
# request is answered.
#
# Versions: the npm package node, 20.20.2 and 24.11.1: alike. Since 24.9.0 the option `shouldUpgradeCallback` changes
# it, where it is set; 20.20.2 and 24.8.0 ignore the option.
# Source: seen. The documentation of the event says that it is emitted "each time a client requests an HTTP upgrade".
#
# For our users: Spring's RestClient and Java's own client got 405 from us. Such requests are answered over HTTP/1.1 now.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{}' >package.json
cat >run.js <<'JS'
const { createServer } = require('node:http');
const { connect } = require('node:net');

async function post(listens) {
  const seen = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      seen.push(`request with "${body}"`);
      response.end('ok');
    });
  });
  if (listens) {
    server.on('upgrade', ({ headers }, socket, head) => {
      seen.push(`upgrade to ${headers.upgrade}, "${head}" in head`);
      socket.end();
    });
  }
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect(server.address().port, '127.0.0.1');
  socket.write(
    'POST / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAA\r\ncontent-length: 5\r\n\r\nhello',
  );
  await new Promise((resolve) => socket.resume().once('close', resolve));
  server.close();
  return seen.join('; ');
}

(async () => {
  const seen = [await post(false), await post(true)];
  console.log(process.version, seen);
  const expected = ['request with "hello"', 'upgrade to h2c, "hello" in head'];
  process.exit(seen.every((each, index) => each === expected[index]) ? 0 : 1);
})();
JS
for version in 20.20.2 24.11.1; do
  npx --yes --package "node@$version" -- node run.js || { echo 'Something else than described.'; exit 1; }
done
echo 'As described.'
