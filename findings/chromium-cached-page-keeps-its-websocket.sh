#!/usr/bin/env bash
# Guess: a page with an open WebSocket is not kept in the back/forward cache, or its socket is closed as it goes there.
# Either way the server knows at once that nobody reads any more.
#
# What happens: the page is kept (`pagehide` and `pageshow` say `persisted`), and its socket stays open. The browser
# takes messages and answers pings, while the page's scripts stand still. Only when the page is taken out again does
# the server get 1001, and the page `close` with 1006, after `pageshow`; no message that came meanwhile is told.
#
# Versions: Chromium 156.0.8078.108 (Debian), playwright-core 1.65.1, ws 8.23.0.
# Source: seen. Playwright switches the cache off by itself (`--disable-back-forward-cache`).
#
# For our users: pings of the WebSocket protocol do not find out who has left. A page should close its socket at
# `pagehide` with `persisted`, and open one at `pageshow`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v chromium >/dev/null || apt-get install -qq --no-install-recommends chromium >/dev/null
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent playwright-core@1.65.1 ws@8.23.0

cat >run.js <<'JS'
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { WebSocketServer } from 'ws';

const PAGE = `<script>
  window.seen = [];
  const socket = new WebSocket('ws://' + location.host);
  const note = (text) => seen.push(text);
  for (const name of ['open', 'error']) socket.addEventListener(name, () => note(name));
  socket.addEventListener('message', () => note('message'));
  socket.addEventListener('close', ({ code }) => note('close ' + code));
  for (const name of ['pagehide', 'pageshow'])
    addEventListener(name, ({ persisted }) => note(name + (persisted ? ' persisted' : '')));
</script>`;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const http = createServer((request, response) => {
  response.setHeader('content-type', 'text/html').end(request.url === '/other' ? '' : PAGE);
});
const sockets = new WebSocketServer({ server: http });
let where = 'shown';
const pongs = { shown: 0, away: 0, back: 0 };
let closed = 'open';
let client;
sockets.on('connection', (socket) => {
  client ??= socket;
  socket.on('pong', () => pongs[where]++);
  socket.on('close', (code) => (closed = `${code} when ${where}`));
});
await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${http.address().port}`;

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ['--no-sandbox', '--disable-gpu'],
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
});
console.log('Chromium', browser.version());
const page = await browser.newPage();
await page.goto(url);
while (client === undefined) await wait(50);
await page.goto(`${url}/other`);
where = 'away';
for (let second = 0; second < 5; second++) {
  client.ping();
  client.send('nobody reads this');
  await wait(1_000);
}
const closedWhenAway = closed;
where = 'back';
await page.evaluate(() => history.back());
while (!closed.includes('back')) await wait(50);
let seen = [];
while (!seen.some((text) => text.startsWith('close'))) {
  await wait(100);
  seen = await page.evaluate(() => window.seen ?? []);
}
console.log({ pongs, closedWhenAway, closed, seen });
await browser.close();
const asDescribed =
  pongs.away === 5 &&
  closedWhenAway === 'open' &&
  closed === '1001 when back' &&
  seen.join() === 'pageshow,open,pagehide persisted,pageshow persisted,error,close 1006';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$(command -v chromium)"
