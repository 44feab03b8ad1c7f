#!/usr/bin/env bash
# Guess: a master of a Redis Cluster that is cut off from the majority refuses SPUBLISH and SSUBSCRIBE with CLUSTERDOWN
# once cluster-node-timeout is over, as it refuses SET and GET: a sharded channel has a slot as a key has.
#
# What happens: it accepts both. The answer is the number of subscribers on its own side; those of the master that has
# taken over elsewhere hear nothing. It refuses them once `cluster-allow-pubsubshard-when-down` is `no`; the default
# is `yes`. PUBLISH is accepted either way. SPUBLISH in a script is refused if the script names a key.
#
# Versions: Redis 7.0.15, ioredis 6.0.0.
# Source: redis.conf, `cluster-allow-pubsubshard-when-down`; cluster.c, getNodeByQuery.
#
# For our users: what is only published, such as "no longer friends", counts as sent, and a server that proves to itself
# by its own messages that it hears everything is deceived. Publish by a script that writes.
set -euo pipefail
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill -CONT "$pid" 2>/dev/null || true; kill -9 "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
command -v redis-server >/dev/null || apt-get install -qq --no-install-recommends redis-server >/dev/null
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent ioredis@6.0.0
free_port() {
  node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => s.address().port > 55000 ? process.exit(1) : s.close(console.log(s.address().port)))' || free_port
}
ports=()
for node in 1 2 3; do
  port=$(free_port)
  ports+=("$port")
  mkdir "$node"
  redis-server --bind 127.0.0.1 --port "$port" --dir "$work/$node" --save '' --cluster-enabled yes \
    --cluster-node-timeout 1000 >"$node/log" &
  pids+=($!)
done

cat >run.js <<'JS'
import { Redis } from 'ioredis';

const pids = process.argv[2].split(' ').map(Number);
const ports = process.argv[3].split(' ').map(Number);
const nodes = ports.map((port) => new Redis(port, '127.0.0.1'));
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const answer = (promise) => promise.then(String, (error) => error.message.split(' ')[0]);

await nodes[0].cluster('ADDSLOTSRANGE', 0, 5460);
await nodes[1].cluster('ADDSLOTSRANGE', 5461, 10922);
await nodes[2].cluster('ADDSLOTSRANGE', 10923, 16383);
for (const port of ports.slice(1)) await nodes[0].cluster('MEET', '127.0.0.1', port);
const state = async (node) => (await node.cluster('INFO')).match(/cluster_state:(\w+)/)[1];
for (const node of nodes) while ((await state(node)) !== 'ok') await wait(100);
console.log((await nodes[0].info('server')).match(/redis_version:\S+/)[0]);

// "{b}" lies in slot 3300, which is the first master's.
const subscriber = new Redis(ports[0], '127.0.0.1');
const heard = [];
subscriber.on('smessage', (_, message) => heard.push(message));
await subscriber.ssubscribe('{b}');
const newcomers = [1, 2, 3].map(() => new Redis(ports[0], '127.0.0.1'));
const ask = async (when) => ({
  when,
  state: await state(nodes[0]),
  SET: await answer(nodes[0].set('{b}', '1')),
  GET: await answer(nodes[0].get('{b}')),
  SPUBLISH: await answer(nodes[0].spublish('{b}', when)),
  PUBLISH: await answer(nodes[0].publish('{b}', when)),
  script: await answer(nodes[0].eval(`return redis.call('SPUBLISH', KEYS[1], ARGV[1])`, 1, '{b}', `${when}, script`)),
  SSUBSCRIBE: await answer(newcomers.shift().ssubscribe('{b}')),
});
const seen = [await ask('with all')];
for (const pid of pids.slice(1)) process.kill(pid, 'SIGSTOP');
while ((await state(nodes[0])) !== 'fail') await wait(100);
seen.push(await ask('alone'));
await nodes[0].config('SET', 'cluster-allow-pubsubshard-when-down', 'no');
seen.push(await ask('not allowed'));
await wait(300);
console.table(seen);
console.log(heard);
const expected = JSON.stringify([
  [
    ['with all', 'ok', 'OK', '1', '1', '0', '1', '1'],
    ['alone', 'fail', 'CLUSTERDOWN', 'CLUSTERDOWN', '2', '0', 'CLUSTERDOWN', '1'],
    ['not allowed', 'fail', 'CLUSTERDOWN', 'CLUSTERDOWN', 'CLUSTERDOWN', '0', 'CLUSTERDOWN', 'CLUSTERDOWN'],
  ],
  ['with all', 'with all, script', 'alone'],
]);
const asDescribed = JSON.stringify([seen.map(Object.values), heard]) === expected;
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "${pids[*]}" "${ports[*]}"
