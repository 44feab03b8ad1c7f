#!/usr/bin/env bash
# Guess: a driver asks a second node when the first is silent for 250 ms (speculative execution), and closes a connection on
# which 64 requests were not answered in time (`defunctReadTimeoutThreshold`). So a node that falls silent is asked no
# more after some seconds, with speculation as without.
#
# What happens: with speculation the answer of the second node cancels the request to the first, and its timer with it. So
# nothing is ever counted as unanswered: the node stays up, and a third of all requests goes to it first and takes 250 ms
# more, for as long as it is silent. Without speculation it is down within seconds. With speculation and the driver's
# default policy, which looks at how many requests wait for a node, requests stay away from it, though it counts as up.
#
# Versions: cassandra-driver 4.10.0, Apache Cassandra 5.0.6 of Maven Central, Java 17, Node 20 or newer.
# Source: cassandra-driver, lib/operation-state.js (cancel), lib/host.js (checkHealth), lib/policies/load-balancing.js.
#
# For our users: the server leaves the choice of nodes to the default policy. Whoever sets TokenAwarePolicy, as many
# examples do, and speculation pays for a silent node with every third request.
set -euo pipefail
work=$(mktemp -d)
nodes=()
finish() {
  for node in "${nodes[@]}"; do kill -9 "$node" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
cd "$work"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency>
    <groupId>org.apache.cassandra</groupId><artifactId>cassandra-all</artifactId><version>5.0.6</version>
  </dependency></dependencies>
</project>
XML
mvn -q -B --no-transfer-progress dependency:copy-dependencies -DoutputDirectory="$work/jars"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent cassandra-driver@4.10.0

read -r native storage < <(node -e '
  const net = require("node:net");
  const free = () => new Promise((done) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
  (async () => console.log(await free(), await free()))();')

cat >logback.xml <<'XML'
<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%level %msg%n</pattern></encoder></appender>
  <root level="INFO"><appender-ref ref="out" /></root>
</configuration>
XML

opens() { for name in "$@"; do echo "--add-opens=$name=ALL-UNNAMED"; done; }
exports() { for name in "$@"; do echo "--add-exports=$name=ALL-UNNAMED"; done; }

# $1: host, $2: its token
start() {
  mkdir "$1"
  cat >"$1/cassandra.yaml" <<YAML
cluster_name: finding
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
num_tokens: 1
initial_token: $2
auto_bootstrap: false
data_file_directories: [$work/$1/data]
commitlog_directory: $work/$1/commitlog
saved_caches_directory: $work/$1/saved_caches
hints_directory: $work/$1/hints
cdc_raw_directory: $work/$1/cdc_raw
commitlog_sync: periodic
commitlog_sync_period: 1000ms
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{ seeds: "127.0.0.1:$storage" }]
listen_address: $1
rpc_address: $1
storage_port: $storage
native_transport_port: $native
endpoint_snitch: SimpleSnitch
YAML
  java -Xms384m -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djdk.attach.allowAttachSelf=true \
    $(exports java.base/java.lang.ref java.base/jdk.internal.misc java.management.rmi/com.sun.jmx.remote.internal.rmi \
      java.rmi/sun.rmi.registry java.rmi/sun.rmi.server java.sql/java.sql jdk.unsupported/sun.misc) \
    $(opens java.base/java.io java.base/java.lang java.base/java.lang.module java.base/java.lang.reflect java.base/java.nio \
      java.base/java.util java.base/java.util.concurrent java.base/java.util.concurrent.atomic java.base/jdk.internal.loader \
      java.base/jdk.internal.math java.base/jdk.internal.module java.base/jdk.internal.ref java.base/jdk.internal.reflect \
      java.base/jdk.internal.util.jar java.base/sun.nio.ch jdk.management/com.sun.management.internal \
      java.rmi/sun.rmi.transport.tcp) \
    -Dcassandra.config="file://$work/$1/cassandra.yaml" -Dlogback.configurationFile="$work/logback.xml" -Dcassandra.storagedir="$work/$1" -Dcassandra-foreground=yes \
    -Dcassandra.superuser_setup_delay_ms=0 -Dcassandra.ring_delay_ms=100 -cp "$work/jars/*" \
    org.apache.cassandra.service.CassandraDaemon >"$1/log" 2>&1 &
  nodes+=($!)
}
# They look for the first.
for node in '127.0.0.1 -9223372036854775808' '127.0.0.2 -3074457345618258603' '127.0.0.3 3074457345618258602'; do
  read -r host token <<<"$node"
  start "$host" "$token"
  for _ in $(seq 180); do
    grep -q "Startup complete" "$host/log" 2>/dev/null && break
    sleep 1
  done
  grep -q 'Startup complete' "$host/log" || { tail -20 "$host/log"; exit 1; }
done

cat >app.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import cassandra from 'cassandra-driver';

const port = Number(process.argv[2]);
const silent = Number(process.argv[3]);
const { loadBalancing, speculativeExecution } = cassandra.policies;
const settings = {
  contactPoints: ['127.0.0.1', '127.0.0.2'],
  localDataCenter: 'datacenter1',
  protocolOptions: { port },
  pooling: { warmup: true },
  socketOptions: { readTimeout: 1_000 },
  queryOptions: { prepare: true, isIdempotent: true, consistency: cassandra.types.consistencies.one },
};

// All nodes have the row.
const admin = new cassandra.Client(settings);
const everywhere = { consistency: cassandra.types.consistencies.all };
for (const statement of [
  `CREATE KEYSPACE f WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}`,
  'CREATE TABLE f.t (key int PRIMARY KEY)',
]) {
  await admin.execute(statement, [], { prepare: false });
}
for (let written = false; !written; await sleep(500)) {
  written = await admin.execute('INSERT INTO f.t (key) VALUES (1)', [], everywhere).then(() => true, () => false);
}
await admin.shutdown();

const tokenAware = () => new loadBalancing.TokenAwarePolicy(new loadBalancing.DCAwareRoundRobinPolicy('datacenter1'));
const speculating = () => new speculativeExecution.ConstantSpeculativeExecutionPolicy(250, 1);

/** Asks a hundred times a second, and tells of the last ten of thirty seconds in which a node is silent. */
async function ask(name, policies) {
  const client = new cassandra.Client({ ...settings, keyspace: 'f', policies });
  await client.connect();
  const read = () => client.execute('SELECT key FROM t WHERE key = ?', [1]);
  for (let nth = 0; nth < 100; nth++) await read();
  process.kill(silent, 'SIGSTOP');
  const asked = [];
  const startedAt = performance.now();
  while (performance.now() - startedAt < 30_000) {
    const at = performance.now();
    asked.push(read().then(() => ({ at, took: performance.now() - at }), () => ({ at, took: Infinity })));
    await sleep(10);
  }
  const late = (await Promise.all(asked)).filter(({ at }) => at - startedAt > 20_000);
  const slow = late.filter(({ took }) => took > 200).length / late.length;
  const isUp = client.hosts.get(`127.0.0.3:${port}`).isUp();
  const share = slow < 0.02 ? 'none' : slow > 0.2 && slow < 0.45 ? 'a third' : slow.toFixed(2);
  console.log(`${name}: slow answers: ${share}; the silent node is ${isUp ? 'up' : 'down'}`);
  await client.shutdown();
  process.kill(silent, 'SIGCONT');
  // The others see it again.
  const again = new cassandra.Client({ ...settings, keyspace: 'f' });
  for (let seen = false; !seen; await sleep(500)) {
    seen = await again.execute('SELECT key FROM t WHERE key = 1', [], everywhere).then(() => true, () => false);
  }
  await again.shutdown();
}
await ask('token-aware policy', { loadBalancing: tokenAware() });
await ask('token-aware policy and speculation', { loadBalancing: tokenAware(), speculativeExecution: speculating() });
await ask('default policy and speculation', { speculativeExecution: speculating() });
JS
timeout 240 node app.mjs "$native" "${nodes[2]}" | tee seen
diff - seen <<'SEEN' || { echo 'This has changed.'; exit 1; }
token-aware policy: slow answers: none; the silent node is down
token-aware policy and speculation: slow answers: a third; the silent node is up
default policy and speculation: slow answers: none; the silent node is up
SEEN
echo 'Seen: speculation keeps a silent node in use, unless the policy looks at what waits for it.'
