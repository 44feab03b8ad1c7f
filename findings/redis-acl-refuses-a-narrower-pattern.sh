#!/usr/bin/env bash
# Guess: a Redis user with `+@all ~*` may do what the default user may. One with `&topic:*` may subscribe to
# every pattern whose channels all start with `topic:`.
#
# What happens: `+@all ~*` covers commands and keys. Since Redis 7.0 a new user has no channels, so SUBSCRIBE
# and PUBLISH answer NOPERM until `&*` is given, while keys work. And PSUBSCRIBE compares patterns as
# text: with `&topic:*`, `topic:*` is allowed and the narrower `topic:1:*` is refused, although SUBSCRIBE to
# each of its channels is allowed.
#
# Versions: Redis 7.0.15.
# Source: redis.conf, `acl-pubsub-default resetchannels` (6.2 had `allchannels`); src/acl.c,
# ACLCheckChannelAgainstList: a pattern must be equal to one of the user's.
#
# For our users: a user of its own for our server needs `&nearby:*` beside `~nearby:*`. A health check that
# reads and writes a key passes without it. A monitor that listens to one partition by PSUBSCRIBE needs its
# pattern in the ACL letter by letter.
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

const port = Number(process.argv[2]);
const admin = new Redis(port, '127.0.0.1');
console.log((await admin.info('server')).match(/redis_version:\S+/)[0]);
const seen = [];

async function user(username, rules, commands) {
  await admin.acl('SETUSER', username, 'on', '>password', ...rules.split(' '));
  for (const line of commands) {
    const redis = new Redis({ port, host: '127.0.0.1', username, password: 'password', enableReadyCheck: false });
    const [command, ...args] = line.split(' ');
    const answer = await redis.call(command, ...args).then(
      () => 'allowed',
      (error) => error.message.split(' ')[0],
    );
    redis.disconnect();
    console.log(`${rules}: ${line}: ${answer}`);
    seen.push(answer);
  }
}
await user('full', '+@all ~*', ['SET key 1', 'PUBLISH topic:1:a hello', 'SUBSCRIBE topic:1:a']);
await user('channels', '+@all ~* &topic:*', [
  'PUBLISH topic:1:a hello',
  'SUBSCRIBE topic:1:a',
  'PSUBSCRIBE topic:*',
  'PSUBSCRIBE topic:1:*',
]);
admin.disconnect();
const asDescribed = seen.join() === 'allowed,NOPERM,NOPERM,allowed,allowed,allowed,NOPERM';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
