#!/usr/bin/env bash
# Guess: a driver that is given one node as host:port finds the others at the ports that Cassandra says they have; since
# 4.0 `system.peers_v2` has the port of each. If it could not, connect() would fail or warn.
#
# What happens: it takes all nodes that it finds to listen at `protocolOptions.port`, 9042 unless it is set, whatever port
# the contact points have. Without that setting connect() succeeds, queries work, and `client.hosts` has all nodes, but none
# except the contact point is ever asked: one node serves everything, until it goes.
#
# Versions: cassandra-driver 4.10.0, Apache Cassandra 5.0.6 of Maven Central, Java 17, Node 20 or newer.
# Source: cassandra-driver, lib/control-connection.js: `system.peers` and the `port` of `protocolOptions` are what it reads.
#
# For our users: HISTORY_CASSANDRA wants one port for all nodes, and the server gives it to the driver as
# `protocolOptions.port`.
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
# The second one looks for the first.
for node in '127.0.0.1 -9223372036854775808' '127.0.0.2 0'; do
  read -r host token <<<"$node"
  start "$host" "$token"
  for _ in $(seq 180); do
    grep -q "Startup complete" "$host/log" 2>/dev/null && break
    sleep 1
  done
  grep -q 'Startup complete' "$host/log" || { tail -20 "$host/log"; exit 1; }
done

cat >app.mjs <<'JS'
import cassandra from 'cassandra-driver';

const port = Number(process.argv[2]);
const settings = { contactPoints: [`127.0.0.1:${port}`], localDataCenter: 'datacenter1' };

/** Where the cluster says that the second node is, where the driver looks for nodes, and whom it asks. */
async function look(name, more) {
  const client = new cassandra.Client({ ...settings, ...more, pooling: { warmup: true } });
  await client.connect();
  const { rows } = await client.execute('SELECT peer, native_port FROM system.peers_v2');
  const hosts = [...client.hosts.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  console.log(`${name}: the cluster says ${rows[0].peer} is at ${rows[0].native_port === port ? 'PORT' : rows[0].native_port}`);
  const used = new Set();
  for (let query = 0; query < 20; query++) {
    const { info } = await client.execute('SELECT key FROM system.local');
    used.add(info.queriedHost.replace(String(port), 'PORT'));
  }
  console.log(`  the driver: ${hosts.map(({ address }) => address.replace(String(port), 'PORT')).join(', ')}`);
  console.log(`  it asks: ${[...used].sort().join(', ')}`);
  await client.shutdown();
}

for (;;) {
  // The second node is in the first one's table a moment after both are up.
  const client = new cassandra.Client({ ...settings, protocolOptions: { port } });
  const { rows } = await client.execute('SELECT peer FROM system.peers_v2');
  await client.shutdown();
  if (rows.length === 1) break;
  await new Promise((resolve) => setTimeout(resolve, 500));
}
await look('contact point alone', {});
await look('with protocolOptions.port', { protocolOptions: { port } });
JS
node app.mjs "$native" | tee seen
diff - seen <<'SEEN' || { echo "This has changed."; exit 1; }
contact point alone: the cluster says 127.0.0.2 is at PORT
  the driver: 127.0.0.1:PORT, 127.0.0.2:9042
  it asks: 127.0.0.1:PORT
with protocolOptions.port: the cluster says 127.0.0.2 is at PORT
  the driver: 127.0.0.1:PORT, 127.0.0.2:PORT
  it asks: 127.0.0.1:PORT, 127.0.0.2:PORT
SEEN
echo "Seen: without protocolOptions.port, one node of two serves everything."
