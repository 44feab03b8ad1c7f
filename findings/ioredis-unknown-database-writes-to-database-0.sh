#!/usr/bin/env bash
# Guess: `redis://host/99` at a Redis with 16 databases fails: `connect()` rejects, or commands do.
#
# What happens: SELECT fails, ioredis emits one 'error', and the connection becomes ready. `connect()`
# resolves. Every command runs in database 0, where another program's data may be, while the client's own
# `options.db` says 99. `select(99)` by hand does reject.
#
# Versions: ioredis 6.0.0, Redis 7.0.15.
# Source: ioredis, built/redis/event_handler.js, getHandshakeCommands: the handler of a failed AUTH throws, that
# of a failed SELECT only emits the error.
#
# For our users: REDIS_URL may name a database. A typing error there, or a Redis with a lower `databases`, does
# not stop the start, and a health check by PING shows nothing: the event is the only trace. Tests that count
# on a database of their own and empty it afterwards empty database 0.
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
port=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => s.close(console.log(s.address().port)))')
redis-server --bind 127.0.0.1 --port "$port" --save '' >redis.log &
pids+=($!)

cat >run.js <<'JS'
import { Redis } from 'ioredis';

const base = `redis://127.0.0.1:${process.argv[2]}`;
const first = new Redis(`${base}/0`);
console.log((await first.info('server')).match(/redis_version:\S+/)[0]);

const errors = [];
const redis = new Redis(`${base}/99`, { lazyConnect: true });
redis.on('error', (error) => errors.push(error.message));
const answer = (promise) => promise.then(String, (error) => error.message);
const seen = {
  'connect()': await answer(redis.connect().then(() => 'resolves')),
  'PING': await answer(redis.ping()),
  'SET': await answer(redis.set('key', 'value')),
  'options.db': redis.options.db,
  'CLIENT INFO': (await redis.client('INFO')).match(/ db=\d+/)[0].trim(),
  'the key in database 0': await first.get('key'),
  'errors': errors.join(),
  'select(99)': await answer(redis.select(99)),
};
redis.disconnect();
first.disconnect();
console.log(seen);
const outOfRange = 'ERR DB index is out of range';
const expected = ['resolves', 'PONG', 'OK', 99, 'db=0', 'value', outOfRange, outOfRange];
const asDescribed = Object.values(seen).join() === expected.join();
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
