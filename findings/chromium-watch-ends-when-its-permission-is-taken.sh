#!/usr/bin/env bash
# Guess: a `watchPosition` whose permission the user takes away gets an error, PERMISSION_DENIED, and goes on when
# the permission is given back, since nobody has called `clearWatch`: the page hears of the next position.
#
# What happens: the watch gets one error with code 1 and is dead from then on. When the permission is back,
# `PermissionStatus` fires `change`, a second watch gets fixes, and the first one hears nothing any more, of a new
# position neither.
#
# Versions: Chromium 156.0.8078.108 (Debian), playwright-core 1.65.1; permission and position are set by DevTools.
# Source: seen. The Geolocation specification ends the steps of a request that is denied, and says nothing of what
# follows when the permission changes.
#
# For our users: after error 1 start the watch anew when the permission's `change` event says that it is not denied.
# The map page does so. Who only goes on waiting looks silent to friends until a reload.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v chromium >/dev/null || apt-get install -qq --no-install-recommends chromium >/dev/null
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent playwright-core@1.65.1

cat >run.js <<'JS'
import { createServer } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { chromium } from 'playwright-core';

const http = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<body>'));
await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
const origin = `http://localhost:${http.address().port}`;
const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ['--no-sandbox', '--disable-gpu'],
});
console.log('Chromium', browser.version());
const context = await browser.newContext({ geolocation: { latitude: 37, longitude: 23 } });
const page = await context.newPage();
await page.goto(origin);
const devTools = await context.newCDPSession(page);
const { browserContextId } = (await devTools.send('Target.getTargetInfo')).targetInfo;
const whole = await browser.newBrowserCDPSession();
const allow = (setting) =>
  whole.send('Browser.setPermission', { permission: { name: 'geolocation' }, setting, origin, browserContextId });
await allow('granted');
const watch = (name) =>
  page.evaluate(async (name) => {
    window.heard ??= {};
    const heard = (window.heard[name] = []);
    const status = await navigator.permissions.query({ name: 'geolocation' });
    status.onchange = () => (window.permission = status.state);
    navigator.geolocation.watchPosition(
      ({ coords }) => heard.push(coords.latitude),
      ({ code }) => heard.push(`error ${code}`),
    );
  }, name);
const last = (name, value) =>
  page.waitForFunction(([name, value]) => window.heard[name].at(-1) === value, [name, value]);

await watch('first');
await last('first', 37);
await allow('denied');
await last('first', 'error 1');
await allow('granted');
await page.waitForFunction(() => window.permission === 'granted');
await watch('second');
await last('second', 37);
await context.setGeolocation({ latitude: 38, longitude: 23 });
await last('second', 38);
const seen = await page.evaluate(() => ({ permission: window.permission, first: window.heard.first.slice(-2) }));
await browser.close();
http.close();
console.log(seen);
const expected = { permission: 'granted', first: [37, 'error 1'] };
if (!isDeepStrictEqual(seen, expected)) {
  console.log('not as before; expected', expected);
  process.exit(1);
}
JS
node run.js "$(command -v chromium)"
