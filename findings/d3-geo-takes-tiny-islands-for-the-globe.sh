#!/usr/bin/env bash
# Guess: d3-geo measures every polygon of world-atlas as what it is on the globe: all 4,000 lands are small, and
# their areas add up to 29 % of the sphere. A few that cross the 180th meridian are cut when they are projected.
#
# What happens: three islets of the Maldives, triangles of less than a kilometre, have the area of the whole sphere
# (12.57 of 12.57 steradians). The rounding of the file, 0.0036 degrees a step, has turned one of them inside out and
# made lines there and back of two. Projected, the first is a rectangle from pole to pole that covers the map, and the
# other two have no height. On a plane map the same rings are specks that nobody sees.
#
# Versions: d3-geo 3.1.1, d3-geo-projection 4.0.0, topojson-client 3.1.0, world-atlas 2.0.2 (land-10m.json).
# Source: d3-geo, README: a polygon is what lies to one side of its ring, so that one wound the other way is all the
# rest of the sphere.
#
# For our users: who cuts land at the antimeridian with d3-geo should ask it about the rings that cross it alone, or
# leave out what it takes for more than half a sphere. The map's build does the first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent d3-geo@3.1.1 d3-geo-projection@4.0.0 topojson-client@3.1.0 world-atlas@2.0.2

cat >run.js <<'JS'
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { geoArea, geoEquirectangular } from 'd3-geo';
import { geoProject } from 'd3-geo-projection';
import { feature } from 'topojson-client';

const atlas = JSON.parse(readFileSync('node_modules/world-atlas/land-10m.json', 'utf8'));
const { features } = feature(atlas, atlas.objects.land);
const polygons = features.flatMap(({ geometry }) =>
  geometry.coordinates.map((coordinates) => ({ type: 'Polygon', coordinates })),
);
const sphere = 4 * Math.PI;
const huge = polygons.filter((polygon) => geoArea(polygon) > sphere / 2);
const sides = huge.map(({ coordinates: [ring] }) => ring.length - 1);
const widest = Math.max(
  ...huge.flatMap(({ coordinates: [ring] }) => [0, 1].map((axis) => {
    const values = ring.map((point) => point[axis]);
    return Math.max(...values) - Math.min(...values);
  })),
);
const plane = geoEquirectangular().scale(180 / Math.PI).translate([0, 0]).precision(0);
const heights = huge.map((polygon) => {
  const ys = geoProject(polygon, plane).coordinates.flat(Infinity).filter((_, place) => place % 2 === 1);
  return Math.round(Math.max(...ys) - Math.min(...ys));
});
const seen = {
  polygons: polygons.length > 4_000,
  shares: huge.map((polygon) => (geoArea(polygon) / sphere).toFixed(3)),
  sides,
  withinDegrees: widest < 0.01,
  heights,
};
console.log(polygons.length, 'polygons; widest of the huge ones:', widest, 'degrees');
console.log(seen);
const expected = JSON.parse(process.env.EXPECTED);
if (!isDeepStrictEqual(seen, expected)) {
  console.log('not as before; expected', expected);
  process.exit(1);
}
JS
EXPECTED='{"polygons":true,"shares":["1.000","1.000","1.000"],"sides":[3,3,3],"withinDegrees":true,"heights":[180,0,0]}' node run.js
