#!/usr/bin/env bash
# Guess: GEOADD takes longitudes from -180 to 180, so GEOSEARCH finds a member at 180 like any other, also from
# the other side of the antimeridian.
#
# What happens: a member at longitude 180 is stored, GEOPOS returns 180 and GEODIST is right, but no search finds
# it from any place whose longitude is not 180, by radius or by box, not even from less than a metre away and not
# in the whole world. A search from the member finds itself and misses one at -180, 0.4 m away. Nor is a member at
# the largest latitude, 85.05112878, found from below. Members at -180 and at 179.9999999 find each other.
#
# Versions: Redis 7.0.15, ioredis 6.0.0.
# Source: geohash.c, geohashEncode: the place within the range is multiplied by 2^26, so the end of the range is
# 2^26 itself, one bit more than the 26 that are interleaved. The score is above 2^52, outside every cell that is
# searched.
#
# For our users: a device whose fix is rounded to a whole degree on Taveuni in Fiji, or one that clamps what it
# sends, can have longitude 180. This server computes distances itself. A tool that keeps locations in a geo set
# should write 180 as -180.
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
npm install --no-audit --no-fund --silent ioredis@6.0.0
port=$(node -e '
  const server = net.createServer().listen(0, "127.0.0.1", () => server.close(console.log(server.address().port)))')
redis-server --bind 127.0.0.1 --port "$port" --save '' >redis.log &
pids+=($!)

cat >run.js <<'JS'
import { Redis } from 'ioredis';

const redis = new Redis(Number(process.argv[2]), '127.0.0.1');
console.log((await redis.info('server')).match(/redis_version:\S+/)[0]);
const members = {
  east: [179.9999999, -17],
  at180: [180, -17],
  atMinus180: [-180, -17],
  below: [20, 85.0511287],
  atTop: [20, 85.05112878],
};
for (const [name, place] of Object.entries(members)) await redis.geoadd('friends', ...place, name);

const seen = {};
async function found(title, ...search) {
  seen[title] = (await redis.geosearch('friends', ...search)).sort().join(' ');
  console.log(`${title}: ${seen[title]}`);
}
console.log('GEOPOS at180:', (await redis.geopos('friends', 'at180'))[0].join(', '));
console.log('GEODIST at180 atMinus180:', await redis.geodist('friends', 'at180', 'atMinus180'), 'm');
await found('1 km around at180', 'FROMMEMBER', 'at180', 'BYRADIUS', 1, 'km');
await found('1 km around atMinus180', 'FROMMEMBER', 'atMinus180', 'BYRADIUS', 1, 'km');
await found('1 km around east', 'FROMMEMBER', 'east', 'BYRADIUS', 1, 'km');
await found('2 km by 2 km around east', 'FROMMEMBER', 'east', 'BYBOX', 2, 2, 'km');
await found('1 km around below', 'FROMMEMBER', 'below', 'BYRADIUS', 1, 'km');
await found('whole world', 'FROMLONLAT', 0, 0, 'BYRADIUS', 21_000, 'km');
redis.disconnect();
const asDescribed =
  Object.values(seen).join() ===
  'at180 east,atMinus180 east,atMinus180 east,atMinus180 east,below,atMinus180 below east';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
