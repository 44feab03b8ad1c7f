#!/usr/bin/env bash
# Guess: a TTL of up to 20 years is taken, as the documentation says; when a row expires is a 64-bit time in 5.0, whose
# release notes tell of the end of the limit of 2038.
#
# What happens: a node of 5.0 as it is by default refuses every row that would expire after 2038-01-19T03:14:06Z, so that
# the longest TTL gets shorter every day: 11 years in 2026. The table is made with the same `default_time_to_live` without
# a word, and then every write to it fails. With `storage_compatibility_mode: NONE` on the node 20 years are taken.
#
# Versions: Apache Cassandra 5.0.6 of Maven Central, cassandra-driver 4.10.0, Java 17, Node 20 or newer.
# Source: Cassandra, ExpirationDateOverflowHandling: the latest time is that of the storage compatibility mode, which is
# CASSANDRA_4 unless cassandra.yaml says otherwise.
#
# For our users: HISTORY_RETENTION_DAYS is at most ten years with HISTORY_CASSANDRA, and the server lets nothing expire
# later than 2038-01-18. Tables of your own: a TTL that works today may fail tomorrow.
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

# $1: host, $2: its token, $3: its storage compatibility mode
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
  if [ "$3" = NONE ]; then echo 'storage_compatibility_mode: NONE' >>"$1/cassandra.yaml"; fi
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
cat >app.mjs <<'JS'
import cassandra from 'cassandra-driver';

const [port, mode] = process.argv.slice(2);
const client = new cassandra.Client({ contactPoints: [`127.0.0.1:${port}`], localDataCenter: 'datacenter1' });
const YEAR = 365 * 86_400;
const yearsUntil2038 = (Date.UTC(2038, 0, 19, 3, 14, 6) - Date.now()) / 1_000 / YEAR;
const seen = [];
const run = async (what, statement) => {
  const outcome = await client.execute(statement).then(
    () => 'taken',
    ({ message }) => (message.includes('2038-01-19T03:14:06') ? 'refused for 2038' : message),
  );
  console.log(`${mode}: ${what}: ${outcome}`);
  seen.push(outcome);
};
await run('keyspace', `CREATE KEYSPACE f WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`);
await run('table', 'CREATE TABLE f.t (key int PRIMARY KEY, value int)');
const insert = (years) => `INSERT INTO f.t (key, value) VALUES (1, 1) USING TTL ${Math.floor(years * YEAR)}`;
await run('a day before 2038-01-19', insert(yearsUntil2038 - 1 / 365));
await run('a day after', insert(yearsUntil2038 + 1 / 365));
await run('19 years', insert(19));
await run('a table whose default is 19 years', `CREATE TABLE f.old (key int PRIMARY KEY, value int) WITH default_time_to_live = ${19 * YEAR}`);
await run('a row of it', 'INSERT INTO f.old (key, value) VALUES (1, 1)');
await client.shutdown();
const late = mode === 'NONE' ? 'taken' : 'refused for 2038';
const expected = ['taken', 'taken', 'taken', late, late, 'taken', late];
process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
JS

for mode in default NONE; do
  start 127.0.0.1 -9223372036854775808 "$mode"
  for _ in $(seq 180); do
    grep -q 'Startup complete' 127.0.0.1/log 2>/dev/null && break
    sleep 1
  done
  grep -q 'Startup complete' 127.0.0.1/log || { tail -20 127.0.0.1/log; exit 1; }
  timeout 60 node app.mjs "$native" "$mode" || { echo 'NO LONGER as described'; exit 1; }
  kill -9 "${nodes[-1]}"
  wait "${nodes[-1]}" 2>/dev/null || true
  rm -rf 127.0.0.1
done
echo 'as described'
