#!/usr/bin/env bash
# Guess: a marker's element belongs to the app. A class with `opacity: 0.5` on it makes the marker pale, as
# another colour or border of the class shows, too.
#
# What happens: the class's colour shows and its opacity does not: the marker is opaque. MapLibre writes an opacity of
# its own into the element's style, "1" unless the app gave another one, when the marker is added and whenever the map
# moves, since it fades markers behind terrain or the globe. `marker.setOpacity('0.5')` works.
#
# Versions: maplibre-gl 6.17.0, Chromium 156.0.8078.108 (Debian), playwright-core 1.65.1.
# Source: seen. The option `opacity` of Marker is documented with the default 1.
#
# For our users: a map that fades friends whose place is old must do it with `setOpacity`, or on a child of the
# element. Ours faded none until it did.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v chromium >/dev/null || apt-get install -qq --no-install-recommends chromium >/dev/null
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent playwright-core@1.65.1 maplibre-gl@6.17.0

cat >run.js <<'JS'
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { chromium } from 'playwright-core';

const page_ = `<!doctype html><style>#map { height: 300px } .stale { opacity: 0.5; color: rgb(1, 2, 3) }</style>
<div id="map"></div>`;
const http = createServer(async ({ url }, response) => {
  if (url === '/') return response.setHeader('content-type', 'text/html').end(page_);
  const file = await readFile(`node_modules/maplibre-gl/dist${url}`).catch(() => null);
  response.writeHead(file === null ? 404 : 200, { 'content-type': 'text/javascript' }).end(file);
});
await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
console.log('Chromium', browser.version());
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${http.address().port}/`);
const seen = await page.evaluate(async () => {
  const { Map, Marker, setWorkerUrl } = await import('/maplibre-gl.mjs');
  setWorkerUrl('/maplibre-gl-worker.mjs');
  const map = new Map({ container: 'map', style: { version: 8, sources: {}, layers: [] }, zoom: 3 });
  await map.once('load');
  const markers = [0, 1].map((longitude) => {
    const element = document.createElement('div');
    element.className = 'stale';
    return new Marker({ element }).setLngLat([longitude, 0]).addTo(map);
  });
  markers[1].setOpacity('0.5');
  const moved = map.once('moveend');
  map.jumpTo({ center: [1, 1] });
  await moved;
  return markers.map((marker) => {
    const { color, opacity } = getComputedStyle(marker.getElement());
    return `${color}, ${opacity}`;
  });
});
await browser.close();
http.close();
console.log(seen);
const expected = ['rgb(1, 2, 3), 1', 'rgb(1, 2, 3), 0.5'];
if (!isDeepStrictEqual(seen, expected)) {
  console.log('not as before; expected', expected);
  process.exit(1);
}
JS
node run.js "$(command -v chromium)"
