/**
 * A real node of Apache Cassandra: the caller's own, with little memory, and `nodetool` for it. It ends with the test's
 * process at the latest.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../src/embedded/free-port.js';
import { signal, startSupervised, type SupervisedProcess } from '../../src/embedded/supervised-process.js';
import { systemClock } from '../../src/time/clock.js';
import { within } from '../../src/time/within.js';
import { JARS } from '../cassandra/install.js';

export interface TestCassandraNode {
  readonly host: string;
  readonly pid: number;
  /** Has what an installed Cassandra has in /var/lib/cassandra. */
  readonly home: string;
  /** A folder with `nodetool`, which speaks to this node as on its own machine. */
  readonly bin: string;
  /** What the node has logged since it started, the last of it. */
  output(): string;
  /** Returns when the process is gone. */
  kill9(): Promise<void>;
  /**
   * After kill9 or stop: the same node with its data. Returns when it takes clients.
   *
   * @param clockAheadSeconds of the true time. Default: 0.
   */
  restart(clockAheadSeconds?: number): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
}

export interface CassandraNodeOptions {
  /** Gets a folder for the node. */
  readonly folder: string;
  readonly host: string;
  readonly ports: CassandraPorts;
  /** Hosts. */
  readonly seeds: readonly string[];
  /** More of cassandra.yaml. */
  readonly settings?: string;
  /** More of jvm-server.options. */
  readonly flags?: readonly string[];
}

/** The same for all nodes of a cluster, which differ by address. */
export interface CassandraPorts {
  readonly storage: number;
  readonly native: number;
}

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;

/** Resolves when the node takes clients. */
export async function startCassandraNode(options: CassandraNodeOptions): Promise<TestCassandraNode> {
  const { folder, host, flags = [] } = options;
  const home = join(folder, host);
  const bin = join(home, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(home, 'cassandra.yaml'), settings(home, options));
  await writeFile(join(home, 'cassandra-rackdc.properties'), 'dc=datacenter1\nrack=rack1\n');
  await writeFile(join(home, 'logback.xml'), logback('INFO', 'out'));
  await writeFile(join(home, 'logback-tools.xml'), logback('WARN', 'err'));
  const jmxPort = await freePort();
  await writeFile(join(bin, 'nodetool'), nodetool(home, jmxPort), { mode: 0o755 });
  const ownFlags = [`-Dcassandra.jmx.local.port=${jmxPort}`, ...flags];
  let started = await launch(home, ownFlags);
  return {
    host,
    home,
    bin,
    get pid() {
      return started.process.pid;
    },
    output: () => started.output(),
    async kill9() {
      signal(started.process.pid, 'SIGKILL');
      // It may be the last thing that this process waits for.
      await started.process.stop(0);
    },
    async restart(clockAheadSeconds = 0) {
      started = await launch(home, ownFlags, clockAheadSeconds);
    },
    signal: (name) => void signal(started.process.pid, name),
    async stop() {
      signal(started.process.pid, 'SIGCONT');
      await started.process.stop(STOP_TIMEOUT_MS);
    },
  };
}

interface Launched {
  readonly process: SupervisedProcess;
  output(): string;
}

/** Resolves when it takes clients. */
async function launch(home: string, flags: readonly string[], clockAheadSeconds = 0): Promise<Launched> {
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
      `-Dcassandra-rackdc.properties=file://${home}/cassandra-rackdc.properties`,
      `-Dcassandra.storagedir=${home}`,
      '-Dcassandra-foreground=yes',
      // Nobody else is there to wait for.
      '-Dcassandra.superuser_setup_delay_ms=0',
      '-Dcassandra.skip_wait_for_gossip_to_settle=0',
      '-Dcassandra.ring_delay_ms=100',
      // A node that started a minute ago, on a busy machine, would wait another one for tables that it missed.
      '-Dcassandra.migration_delay_ms=0',
      ...flags,
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
  const isReady = Promise.race([ready, node.ended.then(() => false)]);
  if (await within(systemClock, START_TIMEOUT_MS, isReady, false)) {
    node.unref();
    return { process: node, output: () => output };
  }
  await node.stop(0);
  throw new Error(`Cassandra does not start: ${output}`);
}

/**
 * Other nodes are on other machines: here they let the server go first, also where the kernel shares the processor among
 * sessions, of which each node is one.
 */
const YIELD = '[ ! -e /proc/self/autogroup ] || echo 10 > /proc/self/autogroup; exec nice -n 10 env "$@"';

/** What `env` sets for a program whose clock is wrong, by libfaketime, but for what it measures time with. */
const wrongClock = (aheadSeconds: number): string[] => [
  // The loader knows the folder of this machine's kind.
  'LD_PRELOAD=/usr/$LIB/faketime/libfaketime.so.1',
  `FAKETIME=${aheadSeconds < 0 ? '' : '+'}${aheadSeconds}s`,
  'FAKETIME_DONT_FAKE_MONOTONIC=1',
  // Else waits of Java end at once.
  'FAKETIME_FORCE_MONOTONIC_FIX=0',
];

function nodetool(home: string, jmxPort: number): string {
  const logging = `-Dlogback.configurationFile='${home}/logback-tools.xml'`;
  const java = ['java', ...JAVA_17, ...SOON, logging, `-Duser.home='${home}'`, `-cp '${JARS}/*'`].join(' ');
  return `#!/bin/sh\nexec ${java} org.apache.cassandra.tools.NodeTool -p ${jmxPort} "$@"\n`;
}

function settings(home: string, options: CassandraNodeOptions): string {
  const { host, ports, seeds, settings: more = '' } = options;
  return `
cluster_name: nearby-friends-test
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
num_tokens: 1
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
    parameters: [{ seeds: "${seeds.map((seed) => `${seed}:${ports.storage}`).join(',')}" }]
listen_address: ${host}
rpc_address: ${host}
storage_port: ${ports.storage}
native_transport_port: ${ports.native}
endpoint_snitch: GossipingPropertyFileSnitch
concurrent_reads: 8
concurrent_writes: 16
memtable_heap_space: 64MiB
memtable_offheap_space: 64MiB
file_cache_size: 32MiB
key_cache_size: 8MiB
networking_cache_size: 16MiB
auto_snapshot: false
${more}
`;
}

function logback(level: string, stream: 'out' | 'err'): string {
  return `<configuration>
  <appender name="${stream}" class="ch.qos.logback.core.ConsoleAppender">
    <target>System.${stream}</target>
    <encoder><pattern>%d %level %logger{0} %msg%n</pattern></encoder>
  </appender>
  <root level="${level}"><appender-ref ref="${stream}" /></root>
</configuration>
`;
}

/** Code that is compiled less starts sooner. */
const SOON = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** Three such nodes fit beside the tests. */
const SMALL = ['-Xms384m', '-Xmx384m', '-Xss384k', ...SOON];

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
