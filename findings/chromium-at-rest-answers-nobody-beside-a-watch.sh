#!/usr/bin/env bash
# Guess: `getCurrentPosition` of a device at rest answers at once with where it is, whether or not the page has a
# `watchPosition` too. A position that a test sets comes to the watch as one fix.
#
# What happens: beside a watch that has its fix, `getCurrentPosition` gets nothing and ends with TIMEOUT, or waits
# for ever without `timeout`, until the device moves. Without a watch it is answered, as often as one asks. With
# `maximumAge` above 0 the watch's fix is taken. The watch gets POSITION_UNAVAILABLE before each new position that
# is set by the DevTools protocol, so an app that ends at an error ends at the first move of a test.
#
# Versions: Chromium 156.0.8078.108 (Debian), playwright-core 1.65.1; the device's position is emulated.
# Source: seen, with `Emulation.setGeolocationOverride`. The Geolocation specification has a request without a
# cached position acquire a new one, and leaves to the browser when a device at rest reports.
#
# For our users: a page that watches should take "where am I now" from the watch's last fix, or ask with
# `maximumAge`. An app should go on after POSITION_UNAVAILABLE. The SDK takes a device that gives no answer for
# one that is still there.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v chromium >/dev/null || apt-get install -qq --no-install-recommends chromium >/dev/null
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent playwright-core@1.65.1

cat >run.js <<'JS'
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const http = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<body>'));
await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ['--no-sandbox', '--disable-gpu'],
});
console.log('Chromium', browser.version());
const context = await browser.newContext({ permissions: ['geolocation'] });
const page = await context.newPage();
await page.goto(`http://localhost:${http.address().port}`);
const devTools = await context.newCDPSession(page);
const moveTo = (latitude) =>
  devTools.send('Emulation.setGeolocationOverride', { latitude, longitude: 23.721, accuracy: 10 });
const ask = (options) =>
  page.evaluate(
    (options) =>
      new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
          ({ coords }) => resolve(coords.latitude),
          ({ code }) => resolve(`error ${code}`),
          options,
        );
      }),
    options,
  );
const watched = () => page.evaluate(() => window.watched.splice(0).join(', '));

const seen = {};
await moveTo(37);
seen['asked alone'] = await ask({ timeout: 2_000 });
seen['asked alone again'] = await ask({ timeout: 2_000 });
await page.evaluate(
  () =>
    new Promise((resolve) => {
      const note = (what) => (window.watched.push(what), resolve());
      window.watched = [];
      navigator.geolocation.watchPosition(
        ({ coords }) => note(coords.latitude),
        ({ code }) => note(`error ${code}`),
      );
    }),
);
seen['the watch'] = await watched();
seen['asked beside the watch'] = await ask({ timeout: 2_000 });
seen['asked with maximumAge'] = await ask({ timeout: 2_000, maximumAge: 60_000 });
await watched();
await moveTo(38);
await page.waitForFunction(() => window.watched.includes(38));
seen['the watch after a move'] = await watched();
await browser.close();
http.close();
console.log(seen);
const asDescribed = Object.values(seen).join('; ') === '37; 37; 37; error 3; 37; error 2, 38';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$(command -v chromium)"
