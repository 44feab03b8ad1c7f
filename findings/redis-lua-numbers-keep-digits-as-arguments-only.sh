#!/usr/bin/env bash
# Guess: a number in a Lua script of Redis is a double, so a whole number below 2^53, like a time in microseconds, and a
# coordinate keep their digits whatever the script does with them: as an argument of `redis.call`, in a text, in JSON.
#
# What happens: as an argument they do, and in MessagePack. As a text they keep 14 digits: `..`, `tostring` and
# `cjson.encode`. A time in microseconds becomes `1.7644824001235e+15`, also where a script decodes JSON and encodes it
# again to change another field; who reads whole numbers then fails, and others are up to 50 microseconds off. JSON can't
# be told otherwise: `cjson.encode_number_precision` takes no more than 14.
#
# Versions: Redis 7.0.15 (Debian's), ioredis 6.0.0.
# Source: Redis, script_lua.c, luaArgsToRedisArgv: %.17g. Lua 5.1, luaconf.h: LUA_NUMBER_FMT is "%.14g". lua_cjson.c: the
# precision is from 1 to 14.
#
# For our users: the server's scripts hand on what they are given as text. A script beside it that changes JSON should keep
# such numbers in quotes, or times in milliseconds, which have 13 digits.
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
const run = (script) => redis.eval(script, 0);
const MICROS = '1764482400123456';
const JSON_TEXT = `{"at":${MICROS}}`;
const encodeAgain = `return cjson.encode(cjson.decode('${JSON_TEXT}'))`;
const seen = {
  argument: await run(`redis.call('SET', 'at', ${MICROS}) return redis.call('GET', 'at')`),
  MessagePack: await run(`redis.call('SET', 'at', cmsgpack.unpack(cmsgpack.pack(${MICROS}))) return redis.call('GET', 'at')`),
  concatenated: await run(`return 'at ' .. ${MICROS}`),
  tostring: await run(`return tostring(${MICROS})`),
  'JSON again': await run(encodeAgain),
  'coordinate in JSON': await run('return cjson.encode(37.983810123456785)'),
  'JSON with 17 digits': await run('cjson.encode_number_precision(17)').catch(({ message }) => message),
};
console.log(seen);
redis.disconnect();
const expected = [
  MICROS,
  MICROS,
  'at 1.7644824001235e+15',
  '1.7644824001235e+15',
  '{"at":1.7644824001235e+15}',
  '37.983810123457',
];
const { 'JSON with 17 digits': refusal, ...texts } = seen;
const asDescribed =
  JSON.stringify(Object.values(texts)) === JSON.stringify(expected) &&
  refusal.includes('expected integer between 1 and 14');
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
