#!/usr/bin/env bash
# Guess: with `enableAutoPipelining` commands of one ioredis client leave together, in the order of the calls, as
# they do without it. It is about speed alone.
#
# What happens: `pipeline()`, `multi()` and whatever `autoPipeliningIgnoredCommands` names leave at once and
# overtake the commands that were called before and wait for the end of the turn. So a transaction reads the value
# from before the SET that was called first, and a DEL that is called before a MULTI deletes what the MULTI has
# written. While an automatic pipeline is under way the next one waits for its answers, so the gap is a round
# trip, not a turn.
#
# Versions: ioredis 6.0.0, Redis 7.0.15.
# Source: ioredis, built/autoPipelining.js: commands are collected until `setImmediate`, and a second pipeline of
# the same node until the first is answered; Pipeline.exec writes to the socket at once.
#
# For our users: a tool that writes beside the server should await what a transaction builds on, or put both in
# one script.
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

const port = Number(process.argv[2]);
async function tryOut(options) {
  const redis = new Redis(port, '127.0.0.1', options);
  await redis.set('key', 'old');

  const written = redis.set('key', 'new');
  const [[, read]] = await redis.multi().get('key').exec();
  await written;

  await redis.set('key', 'old');
  const deleted = redis.del('key');
  await redis.multi().set('key', 'written after DEL').exec();
  await deleted;
  const left = await redis.get('key');

  await redis.set('key', 'old');
  const first = redis.set('other', '');
  await new Promise(setImmediate);
  const second = redis.set('key', 'new');
  await new Promise(setImmediate);
  const [[, turnLater]] = await redis.pipeline().get('key').exec();
  await Promise.all([first, second]);
  redis.disconnect();
  return { multiReads: read, leftAfterDelAndMulti: left, pipelineATurnLaterReads: turnLater };
}
const plain = await tryOut({});
const automatic = await tryOut({ enableAutoPipelining: true });
console.log('as it comes:', plain);
console.log('enableAutoPipelining:', automatic);
const asDescribed =
  Object.values(plain).join() === 'new,written after DEL,new' && Object.values(automatic).join() === 'old,,old';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
