#!/usr/bin/env bash
# Guess: a read-only replica refuses PUBLISH with READONLY, as it refuses SET, or passes it on to its master.
#
# What happens: the replica accepts it, answers with the number of its own subscribers, and tells nobody else.
# Messages go from master to replica only. A Lua script that publishes and then writes is worse: the message
# is out at the replica before the write fails with READONLY. A script that starts with `#!lua` is refused as
# a whole.
#
# Versions: Redis 7.0.15, ioredis 6.0.0.
# Source: src/commands/publish.json: PUBLISH has no flag WRITE, so `replica-read-only` does not concern it;
# pubsub.c, publishCommand. "Scripting with Lua", section "Script flags", on scripts with a shebang.
#
# For our users: a failover behind one address demotes the old master and may leave connections to it open.
# What is written there fails and can be retried. What is only published, such as "no longer friends" or
# "session ended", counts as sent and is lost for every server that is connected to the new master.
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
master=$(free_port)
replica=$(free_port)
redis-server --bind 127.0.0.1 --port "$master" --save '' --repl-diskless-sync-delay 0 >master.log &
pids+=($!)
redis-server --bind 127.0.0.1 --port "$replica" --save '' --replicaof 127.0.0.1 "$master" >replica.log &
pids+=($!)

cat >run.js <<'JS'
import { Redis } from 'ioredis';

const connect = (port) => new Redis(Number(port), '127.0.0.1');
const [onMaster, onReplica, atMaster, atReplica] = [2, 3, 2, 3].map((index) => connect(process.argv[index]));
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

while (!(await onReplica.info('replication')).includes('master_link_status:up')) await wait(100);
console.log((await onMaster.info('server')).match(/redis_version:\S+/)[0]);
const heard = { master: [], replica: [] };
atMaster.on('message', (_, message) => heard.master.push(message));
atReplica.on('message', (_, message) => heard.replica.push(message));
await atMaster.subscribe('topic');
await atReplica.subscribe('topic');

const answer = (promise) => promise.then(String, (error) => error.message.slice(0, 8));
const script = `redis.call('PUBLISH', 'topic', ARGV[1]) redis.call('SET', 'key', '1') return 1`;
const answers = {
  'SET on the replica': await answer(onReplica.set('key', '1')),
  'PUBLISH on the replica': await answer(onReplica.publish('topic', 'alone')),
  'PUBLISH and SET in a script on the replica': await answer(onReplica.eval(script, 0, 'script')),
  'the same script with #!lua': await answer(onReplica.eval(`#!lua\n${script}`, 0, 'shebang')),
  'PUBLISH on the master': await answer(onMaster.publish('topic', 'to all')),
};
await wait(300);
for (const redis of [onMaster, onReplica, atMaster, atReplica]) redis.disconnect();
const seen = JSON.stringify([Object.values(answers), heard]);
console.log(answers);
console.log(heard);
const expected = JSON.stringify([
  ['READONLY', '1', 'READONLY', 'READONLY', '1'],
  { master: ['to all'], replica: ['alone', 'script', 'to all'] },
]);
console.log(seen === expected ? 'as described' : 'NO LONGER as described');
process.exit(seen === expected ? 0 : 1);
JS
timeout 60 node run.js "$master" "$replica"
