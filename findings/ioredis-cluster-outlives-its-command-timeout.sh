#!/usr/bin/env bash
# Guess: with `commandTimeout: 1500` and no offline queue, each command of an ioredis `Cluster` is settled after
# 1.5 s at the latest. `socketTimeout`, which gives up a connection without an answer, can only make it fail
# sooner.
#
# What happens: while a master is stopped, that holds for the plain client alone. With `socketTimeout: 2000`
# commands are rejected with "Command timed out" after three to six seconds. Whatever is in flight when the socket
# is given up is rejected with "Connection is closed", which the cluster takes for a reason to send the command
# once more. The rejection has stopped the clock of `commandTimeout`, and the next attempt starts it anew. Clients
# that write often lose socket after socket, so one command may be sent several times. With `enableAutoPipelining`
# a command takes up to three seconds: it waits until the pipeline before it has timed out, and only then does its
# own clock start.
#
# Versions: ioredis 6.0.0, Redis 7.0.15 as a cluster of three masters.
# Source: ioredis, built/cluster/index.js, sendCommand: it puts its own `reject` before that of the command, and
# handleError tries again when the connection was closed; built/Command.js clears the timer at each rejection;
# built/autoPipelining.js keeps one pipeline under way for each node.
#
# For our users: a tool that needs an answer in time from a Redis Cluster has to race the promise against a timer
# of its own, as the server does, and must expect that the command is carried out later all the same.
set -euo pipefail
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill -CONT "$pid" 2>/dev/null && kill "$pid" 2>/dev/null || true; done
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
nodes=()
for name in a b c; do
  port=$(free_port)
  bus=$(free_port)
  mkdir "$name"
  redis-server --dir "$work/$name" --bind 127.0.0.1 --port "$port" --cluster-port "$bus" --cluster-enabled yes \
    --save '' >"$name/log" &
  pids+=($!)
  nodes+=("$port:$bus")
done

cat >run.js <<'JS'
import { Cluster, Redis } from 'ioredis';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const [pid, ...nodes] = process.argv.slice(2);
const addresses = nodes.map((node) => node.split(':').map(Number));
const hosts = addresses.map(([port]) => ({ host: '127.0.0.1', port }));
const masters = hosts.map((host) => new Redis(host));
const slots = [[0, 5460], [5461, 10922], [10923, 16383]];
for (const [i, master] of masters.entries()) {
  await master.cluster('ADDSLOTSRANGE', ...slots[i]);
  await master.cluster('SET-CONFIG-EPOCH', i + 1);
  await master.cluster('MEET', '127.0.0.1', ...addresses[0]);
}
for (const master of masters) while (!(await master.cluster('INFO')).includes('cluster_known_nodes:3')) await wait(50);
for (const master of masters) while (!(await master.cluster('INFO')).includes('cluster_state:ok')) await wait(50);
console.log((await masters[0].info('server')).match(/redis_version:\S+/)[0]);
for (const master of masters) master.disconnect();

async function open(options, redisOptions) {
  const cluster = new Cluster(hosts, {
    enableOfflineQueue: false,
    redisOptions: { commandTimeout: 1_500, enableOfflineQueue: false, ...redisOptions },
    ...options,
  });
  cluster.on('error', () => {});
  await new Promise((resolve) => cluster.once('ready', resolve));
  // A slot of the third master. The first command may meet a connection that is not open yet.
  while ((await cluster.set('foo', '').catch(() => '')) !== 'OK') await wait(50);
  return cluster;
}
/** The longest time that one of the commands of eight seconds took, in ms. */
async function longest(cluster) {
  const times = [];
  for (let i = 0; i < 80; i++) {
    const from = performance.now();
    times.push(cluster.set('foo', '').then(() => 0, () => performance.now() - from));
    await wait(100);
  }
  const all = await Promise.all(times);
  cluster.disconnect();
  return Math.round(Math.max(...all));
}
const clients = await Promise.all([
  open({}, {}),
  open({}, { socketTimeout: 2_000 }),
  open({ enableAutoPipelining: true }, {}),
]);
process.kill(Number(pid), 'SIGSTOP');
const [plain, socketTimeout, pipelines] = await Promise.all(clients.map(longest));
console.log('longest time until "Command timed out", in ms:', { plain, socketTimeout, pipelines });
const asDescribed = plain < 2_000 && socketTimeout > 2_800 && pipelines > 2_500 && pipelines < 3_500;
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 90 node run.js "${pids[2]}" "${nodes[@]}"
