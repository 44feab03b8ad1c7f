#!/usr/bin/env bash
# Guess: `maxmemory` bounds the keys. Subscriptions belong to their clients, as output buffers do, which have limits
# of their own: they neither evict a key nor make a write fail.
#
# What happens: channels count as used memory. With `volatile-ttl` 250,000 channels of one subscriber evict all
# 20,000 keys, although nothing was written meanwhile. With `noeviction` SUBSCRIBE is accepted far beyond
# `maxmemory`, and SET fails from then on. SSUBSCRIBE on a cluster does the same.
#
# Versions: Redis 7.0.15, ioredis 6.0.0.
# Source: evict.c, getMaxmemoryState, subtracts output buffers of replicas and the AOF buffer alone; SUBSCRIBE has no
# flag DENYOOM (src/commands/subscribe.json).
#
# For our users: at some servers' number subscriptions are most of what Redis holds. A `maxmemory` that was chosen for
# the positions empties the map, or stops all updates, when servers are added, not when users come.
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
free_port() {
  node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => s.close(console.log(s.address().port)))'
}
start() {
  port=$(free_port)
  mkdir "$port"
  redis-server --bind 127.0.0.1 --port "$port" --dir "$work/$port" --save '' --maxmemory 40mb "$@" >/dev/null &
  pids+=($!)
}

cat >run.js <<'JS'
import { Redis } from 'ioredis';

const [port, isCluster] = [Number(process.argv[2]), process.argv[3] === 'cluster'];
const connect = () => new Redis(port, '127.0.0.1');
const [commands, subscriber] = [connect(), connect()];
if (isCluster) {
  await commands.cluster('ADDSLOTSRANGE', 0, 16_383);
  while (!(await commands.cluster('INFO')).includes('cluster_state:ok')) await new Promise((next) => setTimeout(next, 50));
}
const megabytes = async () => Math.round(Number(/used_memory:(\d+)/.exec(await commands.info('memory'))[1]) / 1e6);
const set = () => commands.set('{1}one more', 'x', 'PX', 600_000).then(String, (error) => error.message.slice(0, 3));

for (let from = 0; from < 20_000; from += 1_000) {
  const pipeline = commands.pipeline();
  for (let n = from; n < from + 1_000; n++) pipeline.set(`{1}position:${n}`, 'x'.repeat(150), 'PX', 600_000);
  await pipeline.exec();
}
const policy = (await commands.config('GET', 'maxmemory-policy'))[1];
const before = { keys: await commands.dbsize(), MB: await megabytes(), SET: await set() };
for (let from = 0; from < 250_000; from += 1_000) {
  const channels = Array.from({ length: 1_000 }, (_, n) => `{1}user:019ad5c0-7f3e-7000-8000-${String(from + n).padStart(12, '0')}`);
  await (isCluster ? subscriber.ssubscribe(...channels) : subscriber.subscribe(...channels));
}
const after = { keys: await commands.dbsize(), MB: await megabytes(), SET: await set() };
console.log(/redis_version:\S+/.exec(await commands.info('server'))[0], policy, isCluster ? 'sharded' : '', before, after);
commands.disconnect();
subscriber.disconnect();
const evicts = policy === 'volatile-ttl';
const asDescribed =
  before.keys === 20_000 && before.MB < 20 && before.SET === 'OK' && after.MB > 45 && after.SET === 'OOM' &&
  after.keys === (evicts ? 0 : 20_001);
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
for policy in volatile-ttl noeviction; do
  start --maxmemory-policy "$policy"
  timeout 120 node run.js "$port"
done
start --maxmemory-policy volatile-ttl --cluster-enabled yes --cluster-port "$(free_port)"
timeout 120 node run.js "$port" cluster
