#!/usr/bin/env bash
# Guess: CLUSTER FAILOVER, the planned change of masters that loses no write, loses no subscriber either. The
# old master becomes a replica of the same shard, and replicas pass on the shard's messages. If a subscription
# did end, the client would subscribe again, as it does after a lost connection, or report an error.
#
# What happens: the old master ends the sharded subscriptions of all its clients with an unasked SUNSUBSCRIBE
# and keeps the connections open, though it would accept the same SSUBSCRIBE a moment later. redis-py hands
# that message over and goes on as if nothing were: `subscribed` is True, `shard_channels` has the channel,
# there is no error, and nothing comes any more, not even after a command of the same client was redirected to
# the new master. Subscribing once more by hand restores it. ioredis 6 with `shardedSubscribers` does that by
# itself.
#
# Versions: Redis 7.0.15, redis (Python) 8.1.0.
# Source: Redis, cluster.c, removeChannelsInSlot, for slots that another node owns now; the page on SSUBSCRIBE
# speaks of slots that migrate. redis-py, cluster.py, ClusterPubSub.get_sharded_message: a "sunsubscribe" that
# was not asked for leaves `shard_channels` as it is; the channels move when the slots' nodes are read anew,
# which nothing starts here.
#
# For our users: with REDIS_CLUSTER_NODES the topics are sharded channels. Our server subscribes again after a
# failover and sends a snapshot. A Python service that listens to the same topics is deaf from the first
# failover on and cannot see it; it has to treat every `sunsubscribe` it did not ask for as a loss.
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
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check redis==8.1.0
read -r port1 bus1 port2 bus2 < <(python3 -c 'import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
print(*(s.getsockname()[1] for s in sockets))')
for node in "$port1 $bus1" "$port2 $bus2"; do
  read -r port bus <<<"$node"
  mkdir "$port"
  redis-server --bind 127.0.0.1 --port "$port" --cluster-port "$bus" --dir "$work/$port" --cluster-enabled yes \
    --cluster-node-timeout 2000 --repl-diskless-sync-delay 0 --save '' >"$port/log" &
  pids+=($!)
done

cat >run.py <<'PY'
import sys
import time

import redis
from redis.cluster import ClusterNode, RedisCluster

port1, bus1, port2 = sys.argv[1:]
first, second = (redis.Redis(port=int(port), decode_responses=True) for port in (port1, port2))


def until(condition):
    end = time.time() + 20
    while True:
        try:
            if condition():
                return
        except redis.exceptions.RedisError:
            pass
        if time.time() > end:
            raise SystemExit('the cluster does not come up')
        time.sleep(0.1)


until(first.ping)
until(second.ping)
first.execute_command('CLUSTER', 'ADDSLOTSRANGE', 0, 16383)
second.execute_command('CLUSTER', 'MEET', '127.0.0.1', port1, bus1)
until(lambda: second.execute_command('CLUSTER', 'REPLICATE', first.execute_command('CLUSTER', 'MYID')))
until(lambda: second.info('replication').get('master_link_status') == 'up')
until(lambda: 'cluster_state:ok' in str(first.execute_command('CLUSTER', 'INFO')))
print('Redis', first.info('server')['redis_version'], 'redis-py', redis.__version__)

publisher = RedisCluster(startup_nodes=[ClusterNode('127.0.0.1', int(port1))])
listener = RedisCluster(startup_nodes=[ClusterNode('127.0.0.1', int(port1))])
pubsub = listener.pubsub()


def exchange():
    """Publishes 20 messages within two seconds and returns the types of what the subscriber gets."""
    types = []
    for n in range(20):
        publisher.spublish('topic', n)
        end = time.time() + 0.1
        while time.time() < end:
            message = pubsub.get_sharded_message(timeout=0.02)
            if message:
                types.append(message['type'])
    return types


def summary(types):
    return ', '.join(f'{types.count(kind)} {kind}' for kind in dict.fromkeys(types)) or 'nothing'


seen = []


def see(what, result):
    print(f'{what}: {result}')
    seen.append(result)


pubsub.ssubscribe('topic')
see('subscribed, 20 messages are published, received', summary(exchange()))
until(lambda: second.execute_command('CLUSTER', 'FAILOVER') and True)
until(lambda: second.role()[0] == 'master' and first.role()[0] == 'slave')
see('failover, 20 messages, received', summary(exchange()))
see('20 more, received', summary(exchange()))
see('the client calls itself', f'subscribed={pubsub.subscribed} channels={len(pubsub.shard_channels)}')
counts = [node.execute_command('PUBSUB', 'SHARDNUMSUB', 'topic')[1] for node in (first, second)]
see('subscribers at the two nodes', str(counts))
demoted = first.pubsub()
demoted.ssubscribe('topic')
see('the demoted node answers SSUBSCRIBE', demoted.get_message(timeout=1)['type'])
demoted.close()
listener.set('key', 'value')
see('SET by the subscribing client, which is redirected, 20 messages, received', summary(exchange()))
pubsub.ssubscribe('topic')
see('subscribed again by hand, 20 messages, received', summary(exchange()))
expected = [
    '1 ssubscribe, 20 smessage',
    '1 sunsubscribe',
    'nothing',
    'subscribed=True channels=1',
    '[0, 0]',
    'ssubscribe',
    'nothing',
    '1 ssubscribe, 20 smessage',
]
as_described = seen == expected
print('as described' if as_described else 'NO LONGER as described')
raise SystemExit(not as_described)
PY
timeout 90 python/bin/python run.py "$port1" "$bus1" "$port2"
