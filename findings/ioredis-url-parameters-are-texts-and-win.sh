#!/usr/bin/env bash
# Guess: parameters of a `redis://` URL are read by their types, so `enableOfflineQueue=false` is false; and what the code
# passes beside the URL wins over it.
#
# What happens: each parameter but `family` stays a text, and the URL wins. `enableOfflineQueue=false` switches the queue
# on, also where the code says false: commands wait for Redis instead of failing at once. `lazyConnect=false` never
# connects by itself. The client of such a URL, and of `duplicate()` without options, says nothing about it.
# `duplicate({ … })` is the way out: what it is given wins over what the URL named.
#
# Versions: ioredis 6.0.0.
# Source: ioredis, lib/utils/index.ts, parseURLQueryItem; lib/Redis.ts, parseOptions: `defaults` takes the first.
#
# For our users: our server's own settings win over those of REDIS_URL. An app that copies the URL should know.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent ioredis@6.0.0
cat >run.js <<'JS'
import net from 'node:net';
import { Redis } from 'ioredis';

// Nobody listens there any more.
const port = await new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const url = `redis://127.0.0.1:${port}`;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What becomes of a command within a second while Redis is away. */
async function run(client) {
  client.on('error', () => undefined);
  const outcome = await Promise.race([
    client.get('name').then(
      () => 'answered',
      (error) => error.message.split(' ')[0],
    ),
    wait(1_000).then(() => 'waits'),
  ]);
  client.disconnect();
  return outcome;
}
function statusOf(client) {
  client.on('error', () => undefined);
  const { status } = client;
  client.disconnect();
  return status;
}

const off = { enableOfflineQueue: false };
const seen = {
  'code: false': await run(new Redis(url, off)),
  'URL: false': await run(new Redis(`${url}?enableOfflineQueue=false`)),
  'URL: false, code: false': await run(new Redis(`${url}?enableOfflineQueue=false`, off)),
  'URL: false, duplicate(false)': await run(
    new Redis(`${url}?enableOfflineQueue=false`, { lazyConnect: true }).duplicate({ ...off, lazyConnect: false }),
  ),
  'URL: lazyConnect=false': statusOf(new Redis(`${url}?lazyConnect=false`)),
  'without it': statusOf(new Redis(url)),
};
console.log(seen);
const expected = ['Stream', 'waits', 'waits', 'Stream', 'wait', 'connecting'];
const asDescribed = JSON.stringify(Object.values(seen)) === JSON.stringify(expected);
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js
