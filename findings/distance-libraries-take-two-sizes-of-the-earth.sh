#!/usr/bin/env bash
# Guess: libraries that compute great-circle distances agree to a metre over five miles, as all take the Earth's mean
# radius, 6371 km.
#
# What happens: there are two sizes of the Earth. Turf, geodesy and H3 take a mean radius; geolib, haversine-distance and
# the port of Google Maps' geometry take that of the equator, 6378.137 km, so that the same two places are 9 m further
# apart at 5 miles. A friend 5 m inside the circle by the former is outside it for geolib's isPointWithinRadius. Redis's
# GEODIST is between them, 2 m more.
#
# Versions: geolib 3.3.4, haversine-distance 1.2.4, @turf/distance 7.4.0, geodesy 2.4.0, spherical-geometry-js 3.0.2,
# h3-js 4.5.0, Redis 7.0.15 (Debian's).
# Source: geolib, constants.js: earthRadius = 6378137; Redis, geohash_helper.c: EARTH_RADIUS_IN_METERS 6372797.560856.
#
# For our users: the server's distances are of a mean radius, 6371008.8 m. An app that filters or draws with another one
# shows friends of the list outside its circle.
set -euo pipefail
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
command -v redis-server >/dev/null || apt-get install -qq --no-install-recommends redis-server >/dev/null
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent geolib@3.3.4 haversine-distance@1.2.4 @turf/distance@7.4.0 geodesy@2.4.0 \
  spherical-geometry-js@3.0.2 h3-js@4.5.0 ioredis@6.0.0
port=$(node -e '
  const server = net.createServer().listen(0, "127.0.0.1", () => server.close(console.log(server.address().port)))')
redis-server --bind 127.0.0.1 --port "$port" --save '' >redis.log &
pids+=($!)
cat >run.js <<'JS'
import { distance } from '@turf/distance';
import * as geolib from 'geolib';
import Spherical from 'geodesy/latlon-spherical.js';
import { greatCircleDistance } from 'h3-js';
import haversine from 'haversine-distance';
import { Redis } from 'ioredis';
import { computeDistanceBetween, LatLng } from 'spherical-geometry-js';

const FIVE_MILES = 8046.72;
const center = { latitude: 52, longitude: 13 };
/** A place so many metres north of the center, for a mean radius of 6371008.8 m. */
const north = (meters) => ({ latitude: 52 + (meters / 6_371_008.8) * (180 / Math.PI), longitude: 13 });
const edge = north(FIVE_MILES);

const redis = new Redis(Number(process.argv[2]), '127.0.0.1');
for (const [name, at] of Object.entries({ center, edge })) await redis.geoadd('places', at.longitude, at.latitude, name);

const meters = {
  turf: distance([13, 52], [13, edge.latitude], { units: 'meters' }),
  geodesy: new Spherical(52, 13).distanceTo(new Spherical(edge.latitude, 13)),
  h3: greatCircleDistance([52, 13], [edge.latitude, 13], 'm'),
  redis: Number(await redis.geodist('places', 'center', 'edge', 'm')),
  geolib: geolib.getDistance(center, edge, 0.01),
  haversine: haversine(center, edge),
  google: computeDistanceBetween(new LatLng(52, 13), new LatLng(edge.latitude, 13)),
};
const more = Object.fromEntries(Object.entries(meters).map(([name, d]) => [name, Math.round(d - FIVE_MILES)]));
const isInside = geolib.isPointWithinRadius(north(FIVE_MILES - 5), center, FIVE_MILES);
console.log((await redis.info('server')).match(/redis_version:\S+/)[0]);
console.log({ 'metres more than 8046.72': more, isInside });
redis.disconnect();
const expected = { turf: 0, geodesy: 0, h3: 0, redis: 2, geolib: 9, haversine: 9, google: 9 };
const asDescribed =
  Object.entries(expected).every(([name, metersMore]) => Math.abs(more[name]) === metersMore) && !isInside;
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
