#!/usr/bin/env bash
# Guess: `keyPrefix` of ioredis concerns keys. Channels have their names, sharded ones like all others.
#
# What happens: it is put before sharded channels and not before the others. A client with `keyPrefix: 'app:'`
# publishes to `news` by PUBLISH and to `app:news` by SPUBLISH. Two clients with the same prefix meet. A client
# without it, or one in another language, gets the ordinary messages and none of the sharded ones. A subscriber
# with the prefix subscribes to `news` and hears `smessage` events of `app:news`, so a handler that compares names
# finds no match.
#
# Versions: ioredis 6.0.0, Redis 7.0.15.
# Source: ioredis, built/Command.js, _iterateKeys: the prefix goes before all that @ioredis/commands lists as
# keys. Redis lists the channels of SPUBLISH and SSUBSCRIBE there, since a cluster finds their node by them.
#
# For our users: when a service that listens beside the server moves from one Redis to a cluster, its channels
# become sharded ones. It should have no `keyPrefix` on the connection that publishes or subscribes.
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
const prefixed = () => new Redis(port, '127.0.0.1', { keyPrefix: 'app:' });
const [plain, publisher, prefixedListener, plainListener] = [new Redis(port), prefixed(), prefixed(), new Redis(port)];
console.log((await plain.info('server')).match(/redis_version:\S+/)[0]);

const heard = [];
for (const [name, listener] of Object.entries({ prefixedListener, plainListener })) {
  listener.on('message', (channel) => heard.push(`${name}: message of ${channel}`));
  listener.on('smessage', (channel) => heard.push(`${name}: smessage of ${channel}`));
  await listener.subscribe('news');
  await listener.ssubscribe('news');
}
const ordinary = await publisher.publish('news', 'hello');
const sharded = await publisher.spublish('news', 'hello');
// Whatever was sent to the listeners comes before the answer to this.
for (const listener of [prefixedListener, plainListener]) await listener.ping();
const channels = (await plain.pubsub('SHARDCHANNELS')).sort().join(' ');
console.log({ heardPublish: ordinary, heardSpublish: sharded, shardedChannels: channels });
console.log(heard.sort().join('\n'));
for (const client of [plain, publisher, prefixedListener, plainListener]) client.disconnect();
const asDescribed =
  `${ordinary} ${sharded} ${channels}` === '2 1 app:news news' &&
  heard.join('; ') ===
    'plainListener: message of news; prefixedListener: message of news; prefixedListener: smessage of app:news';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
