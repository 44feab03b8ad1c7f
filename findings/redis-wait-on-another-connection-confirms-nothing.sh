#!/usr/bin/env bash
# Guess: WAIT 1 500 answers how many replicas have everything that the master has acknowledged so far, so a
# health check, a second pool or a plain client may call it after somebody else's write.
#
# What happens: it answers for the last command of *its own connection*. On a connection that was idle while
# another one wrote, WAIT returns 1 at once, although the only replica is frozen and has nothing of the write.
# On the writer's connection the same call returns 0 after 500 ms. Even a GET before the WAIT makes the idle
# connection's answer right, because every command notes the offset. In MULTI, WAIT does not wait at all.
#
# Versions: Redis 7.0.15, ioredis 6.0.0.
# Source: replication.c, waitCommand: it compares the replicas with `c->woff` of the client; server.c,
# processCommand sets `c->woff` after each call. The page on WAIT does say "in the context of the current
# connection".
#
# For our users: nobody can add durability from outside by waiting on a connection of their own after an
# updateLocation; the 1 it returns says nothing about that location. Positions are rebuilt from the next
# updates after a failover, and the history is in PostgreSQL, so the server does not rely on WAIT.
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
master=$(free_port)
replica=$(free_port)
redis-server --bind 127.0.0.1 --port "$master" --save '' --repl-diskless-sync-delay 0 >master.log &
pids+=($!)
redis-server --bind 127.0.0.1 --port "$replica" --save '' --replicaof 127.0.0.1 "$master" >replica.log &
pids+=($!)

cat >run.js <<'JS'
import { Redis } from 'ioredis';

const [port, replicaPid] = process.argv.slice(2).map(Number);
const [writer, other] = [new Redis(port, '127.0.0.1'), new Redis(port, '127.0.0.1')];
console.log((await writer.info('server')).match(/redis_version:\S+/)[0]);
while (!(await writer.info('replication')).includes('state=online')) await new Promise((r) => setTimeout(r, 100));
await other.set('key', 'old');
while ((await other.wait(1, 500)) !== 1);

async function timed(name, run) {
  const from = performance.now();
  const replicas = await run();
  const waited = performance.now() - from > 250;
  console.log(`${name}: ${replicas} replica(s), ${waited ? 'after the timeout' : 'at once'}`);
  return `${replicas} ${waited}`;
}
const seen = [];
process.kill(replicaPid, 'SIGSTOP');
try {
  await writer.set('key', 'new');
  seen.push(await timed('WAIT on the other connection', () => other.wait(1, 500)));
  seen.push(await timed('WAIT on the connection that wrote', () => writer.wait(1, 500)));
  await other.get('key');
  seen.push(await timed('WAIT on the other connection, after a GET', () => other.wait(1, 500)));
  const inMulti = async () => (await writer.multi().set('key', 'newer').wait(1, 500).exec())[1][1];
  seen.push(await timed('WAIT in MULTI, after a SET', inMulti));
} finally {
  process.kill(replicaPid, 'SIGCONT');
}
writer.disconnect();
other.disconnect();
const asDescribed = seen.join() === '1 false,0 true,0 true,0 false';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$master" "${pids[1]}"
