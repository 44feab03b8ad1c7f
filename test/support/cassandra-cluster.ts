/**
 * A real Apache Cassandra of three nodes, on 127.0.0.1 to 127.0.0.3, each row on all of them. The nodes are the caller's
 * own, keep little in memory, and end with the test's process at the latest.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, policies, types } from 'cassandra-driver';
import { freePort } from '../../src/embedded/free-port.js';
import { type CassandraNodeOptions, startCassandraNode, type TestCassandraNode } from './cassandra-node.js';

export interface TestCassandraCluster {
  /** What HISTORY_CASSANDRA takes. */
  readonly contactPoints: string;
  /** The three that it started with. */
  readonly members: readonly TestCassandraNode[];
  /** Starts another one, which joins. It ends with the cluster. */
  join(host: string, options: Pick<CassandraNodeOptions, 'settings' | 'flags'>): Promise<TestCassandraNode>;
  /** Resolves when each of the three answers for all. */
  untilWhole(): Promise<void>;
  /** A client that speaks to this node alone. */
  clientOf(host: string): Client;
  close(): Promise<void>;
}

/** The data center of nodes that are told of none. */
export const DATACENTER = 'datacenter1';

/** @param more of each node's cassandra.yaml. */
export async function startCassandraCluster(more = ''): Promise<TestCassandraCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-cassandra-'));
  // The nodes differ by address, so that each port need only be free once.
  const ports = { storage: await freePort(), native: await freePort() };
  const common = { folder, ports, seeds: HOSTS.slice(0, 1) };
  const start = (host: string, nth: number): Promise<TestCassandraNode> => {
    const settings = `initial_token: ${TOKENS[nth]}\nauto_bootstrap: false\n${more}`;
    return startCassandraNode({ ...common, host, settings });
  };
  // The others hear of all from the first: three that start at once are three clusters for a while, each with its tables.
  const first = await start(HOSTS[0], 0);
  const members = [first, ...(await Promise.all(HOSTS.slice(1).map((host, nth) => start(host, nth + 1))))];
  const joined: TestCassandraNode[] = [];

  async function untilWhole(): Promise<void> {
    await Promise.all(HOSTS.map((host) => untilSeesAll(host, ports.native)));
  }

  await createProbe(ports.native);
  await untilWhole();
  return {
    contactPoints: HOSTS.map((host) => `${host}:${ports.native}`).join(','),
    members,
    async join(host, options) {
      const node = await startCassandraNode({
        ...common,
        host,
        ...options,
        settings: `${options.settings ?? ''}\n${more}`,
      });
      joined.push(node);
      return node;
    },
    untilWhole,
    clientOf: (host) => clientOf(host, ports.native),
    async close() {
      // What they know is thrown away, so they need not tell each other.
      await Promise.all([...members, ...joined].map((node) => node.kill9()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const HOSTS = ['127.0.0.1', '127.0.0.2', '127.0.0.3'] as const;
const TOKENS = [0n, 1n, 2n].map((nth) => -(2n ** 63n) + (nth * 2n ** 64n) / 3n);
const START_LIMIT_MS = 180_000;
const POLL_MS = 100;
const PROBE = 'SELECT key FROM cluster_probe.probe WHERE key = 0';

/** A table that is on all nodes. */
async function createProbe(port: number): Promise<void> {
  const client = clientOf(HOSTS[0], port);
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
  const client = clientOf(host, port);
  try {
    await until(`${host} sees all nodes`, () =>
      client.execute(PROBE, [], { consistency: types.consistencies.all }),
    );
  } finally {
    await client.shutdown();
  }
}

function clientOf(host: string, port: number): Client {
  const { AllowListPolicy, DCAwareRoundRobinPolicy } = policies.loadBalancing;
  const node = [`${host}:${port}`];
  return new Client({
    contactPoints: node,
    localDataCenter: DATACENTER,
    policies: { loadBalancing: new AllowListPolicy(new DCAwareRoundRobinPolicy(DATACENTER), node) },
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
