#!/usr/bin/env bash
# Guess: `cluster.ssubscribe('topic')` of ioredis delivers the topic's messages, or it rejects if sharded
# subscriptions are not switched on.
#
# What happens: it resolves with 1. Redis lists the subscriber, and SPUBLISH answers 1, so both sides say that
# delivery works. No `smessage` event ever comes. Without `shardedSubscribers: true` ioredis sends the command
# over its one ordinary subscriber connection, receives the messages there, and passes on `message` and
# `pmessage` only.
#
# Versions: ioredis 6.0.0, Redis 7.0.15.
# Source: ioredis, built/cluster/ClusterSubscriber.js: `smessage` is forwarded if `isSharded`. The README,
# "Sharded Pub/Sub", asks for the option before `ssubscribe`; it does not say that the call succeeds without
# it.
#
# For our users: with REDIS_CLUSTER_NODES each user's topic is a sharded channel. A tool that listens beside
# our server needs the option; counting subscribers or the answer of SPUBLISH does not show that it is
# missing.
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
port=$(free_port)
redis-server --bind 127.0.0.1 --port "$port" --cluster-port "$(free_port)" --cluster-enabled yes \
  --cluster-announce-ip 127.0.0.1 --save '' >redis.log &
pids+=($!)

cat >run.js <<'JS'
import { Cluster, Redis } from 'ioredis';

const node = { host: '127.0.0.1', port: Number(process.argv[2]) };
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const redis = new Redis(node);
await redis.cluster('ADDSLOTSRANGE', 0, 16383);
while (!(await redis.cluster('INFO')).includes('cluster_state:ok')) await wait(100);
console.log((await redis.info('server')).match(/redis_version:\S+/)[0]);

async function listen(options) {
  const cluster = new Cluster([node], options);
  const received = [];
  const errors = [];
  cluster.on('smessage', (_, message) => received.push(message));
  cluster.on('error', (error) => errors.push(error));
  await new Promise((resolve) => cluster.once('ready', resolve));
  await wait(200);
  const answer = await cluster.ssubscribe('topic');
  const [, listed] = await redis.call('PUBSUB', 'SHARDNUMSUB', 'topic');
  const reached = await redis.spublish('topic', 'hello');
  await wait(300);
  cluster.disconnect();
  while ((await redis.call('PUBSUB', 'SHARDNUMSUB', 'topic'))[1] > 0) await wait(50);
  return { ssubscribe: answer, listed, spublish: reached, received: received.length, errors: errors.length };
}
const asItComes = await listen({});
const sharded = await listen({ shardedSubscribers: true });
redis.disconnect();
console.log('as it comes:', asItComes);
console.log('shardedSubscribers: true:', sharded);
const asDescribed =
  Object.values(asItComes).join() === '1,1,1,0,0' && Object.values(sharded).join() === '1,1,1,1,0';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
