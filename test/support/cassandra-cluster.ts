/**
 * A real Apache Cassandra of three nodes, on 127.0.0.1 to 127.0.0.3, each row on all of them. The nodes are the caller's
 * own, keep little in memory, and end with the test's process at the latest.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, policies, types } from 'cassandra-driver';
import { freePort } from '../../src/embedded/free-port.js';
import { signal, startSupervised, type SupervisedProcess } from '../../src/embedded/supervised-process.js';
import { JARS } from '../cassandra/install.js';

export interface TestCassandraNode {
  readonly host: string;
  readonly pid: number;
  /** Returns when the process is gone. */
  kill9(): Promise<void>;
  /**
   * After kill9 or stop: the same node with its data. Returns when it takes clients.
   *
   * @param clockAheadSeconds of the true time. Default: 0.
   */
  restart(clockAheadSeconds?: number): Promise<void>;
  /** What its clock says, milliseconds since the epoch. */
  clockMs(): Promise<number>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
}

export interface TestCassandraCluster {
  /** What HISTORY_CASSANDRA takes. */
  readonly contactPoints: string;
  readonly members: readonly TestCassandraNode[];
  /** Resolves when each node answers for all three. */
  untilWhole(): Promise<void>;
  close(): Promise<void>;
}

/** The data center of nodes that are told of none. */
export const DATACENTER = 'datacenter1';

export async function startCassandraCluster(): Promise<TestCassandraCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-cassandra-'));
  // The nodes differ by address, so that each port need only be free once.
  const ports = { storage: await freePort(), native: await freePort() };
  const members = await Promise.all(HOSTS.map((host) => startNode(folder, host, ports)));

  async function untilWhole(): Promise<void> {
    await Promise.all(HOSTS.map((host) => untilSeesAll(host, ports.native)));
  }

  await createProbe(ports.native);
  await untilWhole();
  return {
    contactPoints: HOSTS.map((host) => `${host}:${ports.native}`).join(','),
    members,
    untilWhole,
    async close() {
      // What they know is thrown away, so they need not tell each other.
      await Promise.all(members.map((node) => node.kill9()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const HOSTS = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
const TOKENS = [0n, 1n, 2n].map((nth) => -(2n ** 63n) + (nth * 2n ** 64n) / 3n);
const START_LIMIT_MS = 180_000;
const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 100;
const PROBE = 'SELECT key FROM cluster_probe.probe WHERE key = 0';

interface Ports {
  readonly storage: number;
  readonly native: number;
}

async function startNode(folder: string, host: string, ports: Ports): Promise<TestCassandraNode> {
  const home = join(folder, host);
  await mkdir(home);
  await writeFile(join(home, 'cassandra.yaml'), settings(home, host, ports));
  await writeFile(join(home, 'logback.xml'), LOGBACK);
  let started = await launch(home);
  return {
    host,
    get pid() {
      return started.pid;
    },
    async kill9() {
      signal(started.pid, 'SIGKILL');
      // It may be the last thing that this process waits for.
      await started.stop(0);
    },
    async restart(clockAheadSeconds = 0) {
      started = await launch(home, clockAheadSeconds);
    },
    async clockMs() {
      const client = connectTo(host, ports.native);
      const { rows } = await client.execute('SELECT toTimestamp(now()) AS now FROM system.local');
      await client.shutdown();
      return (rows[0]?.['now'] as Date).getTime();
    },
    signal: (name) => void signal(started.pid, name),
    async stop() {
      signal(started.pid, 'SIGCONT');
      await started.stop(STOP_TIMEOUT_MS);
    },
  };
}

/** Resolves when it takes clients. */
async function launch(home: string, clockAheadSeconds = 0): Promise<SupervisedProcess> {
  let output = '';
  let noteReady = (): void => undefined;
  const ready = new Promise<boolean>((resolve) => (noteReady = () => resolve(true)));
  const node = await startSupervised({
    command: '/bin/sh',
    args: [
      '-c',
      YIELD,
      'node',
      ...(clockAheadSeconds === 0 ? [] : wrongClock(clockAheadSeconds)),
      'java',
      ...JAVA_17,
      ...SMALL,
      `-Dcassandra.config=file://${home}/cassandra.yaml`,
      `-Dlogback.configurationFile=${home}/logback.xml`,
      `-Dcassandra.storagedir=${home}`,
      '-Dcassandra-foreground=yes',
      // Nobody else is there to wait for.
      '-Dcassandra.superuser_setup_delay_ms=0',
      '-Dcassandra.skip_wait_for_gossip_to_settle=0',
      '-Dcassandra.ring_delay_ms=100',
      // A node that started a minute ago, on a busy machine, would wait another one for tables that it missed.
      '-Dcassandra.migration_delay_ms=0',
      '-cp',
      `${JARS}/*`,
      'org.apache.cassandra.service.CassandraDaemon',
    ],
    stopSignal: 'TERM',
    cwd: home,
    onOutput: (text) => {
      output = (output + text).slice(-8_000);
      if (output.includes('Startup complete')) noteReady();
    },
  });
  if (await Promise.race([ready, node.ended.then(() => false)])) {
    node.unref();
    return node;
  }
  throw new Error(`Cassandra does not start: ${output}`);
}

/**
 * Other nodes are on other machines: here they let the server go first, also where the kernel shares the processor among
 * sessions, of which each node is one.
 */
const YIELD = 'echo 10 > /proc/self/autogroup; exec nice -n 10 env "$@"';

/** What `env` sets for a program whose clock is wrong, by libfaketime, but for what it measures time with. */
const wrongClock = (aheadSeconds: number): string[] => [
  // The loader knows the folder of this machine's kind.
  'LD_PRELOAD=/usr/$LIB/faketime/libfaketime.so.1',
  `FAKETIME=${aheadSeconds < 0 ? '' : '+'}${aheadSeconds}s`,
  'FAKETIME_DONT_FAKE_MONOTONIC=1',
];

/** A table that is on all nodes. */
async function createProbe(port: number): Promise<void> {
  const client = new Client({ contactPoints: [`${HOSTS[0]}:${port}`], localDataCenter: DATACENTER });
  try {
    await until('a table can be made', async () => {
      await client.execute(
        `CREATE KEYSPACE IF NOT EXISTS cluster_probe WITH replication = {'class': 'NetworkTopologyStrategy', '${DATACENTER}': 3}`,
      );
      await client.execute('CREATE TABLE IF NOT EXISTS cluster_probe.probe (key int PRIMARY KEY)');
    });
  } finally {
    await client.shutdown();
  }
}

/** A node that reads from all three sees the others up. */
async function untilSeesAll(host: string, port: number): Promise<void> {
  const client = connectTo(host, port);
  try {
    await until(`${host} sees all nodes`, () =>
      client.execute(PROBE, [], { consistency: types.consistencies.all }),
    );
  } finally {
    await client.shutdown();
  }
}

/** Asks this node and no other. */
function connectTo(host: string, port: number): Client {
  const { AllowListPolicy, DCAwareRoundRobinPolicy } = policies.loadBalancing;
  const address = `${host}:${port}`;
  return new Client({
    contactPoints: [address],
    localDataCenter: DATACENTER,
    policies: { loadBalancing: new AllowListPolicy(new DCAwareRoundRobinPolicy(DATACENTER), [address]) },
  });
}

async function until(what: string, attempt: () => Promise<unknown>): Promise<void> {
  const giveUpAtMs = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (Date.now() > giveUpAtMs) throw new Error(`Cassandra did not come up: ${what}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function settings(home: string, host: string, { storage, native }: Ports): string {
  return `
cluster_name: nearby-friends-test
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
num_tokens: 1
initial_token: ${TOKENS[HOSTS.indexOf(host)]}
auto_bootstrap: false
data_file_directories: [${home}/data]
commitlog_directory: ${home}/commitlog
saved_caches_directory: ${home}/saved_caches
hints_directory: ${home}/hints
cdc_raw_directory: ${home}/cdc_raw
commitlog_sync: periodic
commitlog_sync_period: 1000ms
commitlog_total_space: 128MiB
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{ seeds: "${HOSTS.map((each) => `${each}:${storage}`).join(',')}" }]
listen_address: ${host}
rpc_address: ${host}
storage_port: ${storage}
native_transport_port: ${native}
endpoint_snitch: SimpleSnitch
concurrent_reads: 8
concurrent_writes: 16
memtable_heap_space: 64MiB
memtable_offheap_space: 64MiB
file_cache_size: 32MiB
key_cache_size: 8MiB
networking_cache_size: 16MiB
auto_snapshot: false
`;
}

const LOGBACK = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d %level %logger{0} %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="out" /></root>
</configuration>
`;

/** Three such nodes fit beside the tests; code that is compiled less starts sooner. */
const SMALL = ['-Xms384m', '-Xmx384m', '-Xss384k', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** What Cassandra's conf/jvm17-server.options opens to it. */
const JAVA_17 = [
  '-Djdk.attach.allowAttachSelf=true',
  ...[
    'java.base/java.lang.ref',
    'java.base/jdk.internal.misc',
    'java.management.rmi/com.sun.jmx.remote.internal.rmi',
    'java.rmi/sun.rmi.registry',
    'java.rmi/sun.rmi.server',
    'java.sql/java.sql',
    'jdk.unsupported/sun.misc',
  ].map((name) => `--add-exports=${name}=ALL-UNNAMED`),
  ...[
    'java.base/java.io',
    'java.base/java.lang',
    'java.base/java.lang.module',
    'java.base/java.lang.reflect',
    'java.base/java.nio',
    'java.base/java.util',
    'java.base/java.util.concurrent',
    'java.base/java.util.concurrent.atomic',
    'java.base/jdk.internal.loader',
    'java.base/jdk.internal.math',
    'java.base/jdk.internal.module',
    'java.base/jdk.internal.ref',
    'java.base/jdk.internal.reflect',
    'java.base/jdk.internal.util.jar',
    'java.base/sun.nio.ch',
    'jdk.management/com.sun.management.internal',
    'java.rmi/sun.rmi.transport.tcp',
  ].map((name) => `--add-opens=${name}=ALL-UNNAMED`),
];
