/** A real Redis Cluster of the caller's own, whose nodes end with the test's process at the latest. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../src/embedded/free-port.js';
import { signal, startSupervised } from '../../src/embedded/supervised-process.js';
import { readConfig } from '../../src/config.js';

export interface TestRedisNode {
  readonly port: number;
  /** Null without TLS. */
  readonly tlsPort: number | null;
  /** Takes commands for this node alone: a key that lies elsewhere is an error. */
  readonly commands: Redis;
  /** Returns when the process is gone. */
  kill9(): Promise<void>;
  /** After kill9: the same node again, empty. */
  restart(): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
}

export interface TestRedisCluster {
  /** What REDIS_CLUSTER_NODES takes. */
  readonly nodes: string;
  readonly urls: readonly URL[];
  readonly members: readonly TestRedisNode[];
  /** The master of a slot, as the others see it now. */
  masterOf(slot: number): Promise<TestRedisNode>;
  /** Moves a slot with what it holds, as redis-cli does. */
  moveSlot(slot: number, to: TestRedisNode): Promise<void>;
  /** Another master, without slots. */
  addMaster(): Promise<TestRedisNode>;
  close(): Promise<void>;
}

/** How long a master may be silent before its replica takes over. */
const NODE_TIMEOUT_MS = 1_000;
const SLOTS = 16_384;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 20;

/**
 * @param options.replicas as many for each master.
 * @param options.settings more of redis.conf; `tls-cluster: yes` gives each node a port for TLS, too.
 */
export async function startTestRedisCluster({
  masters: masterCount = 3,
  replicas = 1,
  settings = {},
} = {}): Promise<TestRedisCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-cluster-'));
  const members: StartedNode[] = [];
  const add = async (): Promise<StartedNode> => {
    const node = await startNode(folder, settings);
    members.push(node);
    return node;
  };
  const masters = await Promise.all(Array.from({ length: masterCount }, add));
  const followers = await Promise.all(Array.from({ length: masterCount * replicas }, add));
  await Promise.all(
    masters.map(({ commands }, index) => {
      const [from, to] = [index, index + 1].map((nth) => Math.floor((nth * SLOTS) / masterCount));
      return commands.cluster('ADDSLOTSRANGE', from ?? 0, (to ?? SLOTS) - 1);
    }),
  );
  await meet();
  await Promise.all(
    followers.map(async ({ commands }, index) => {
      const master = masters[index % masterCount];
      if (master !== undefined) await commands.cluster('REPLICATE', await master.commands.cluster('MYID'));
    }),
  );
  await until('every node sees the cluster whole', () => members, isWhole(members.length));
  await until(
    'replicas follow',
    () => followers,
    async ({ commands }) => (await commands.info('replication')).includes('master_link_status:up'),
  );

  /** Introduces all to the first, and so to each other. */
  async function meet(): Promise<void> {
    for (const [index, { commands }] of members.entries()) {
      // Nodes with the same epoch settle which is the newer one only after a while.
      await commands.cluster('SET-CONFIG-EPOCH', index + 1).catch(() => undefined);
    }
    for (const { port, busPort, tlsPort } of members.slice(1)) {
      await members[0]?.commands.call('CLUSTER', 'MEET', '127.0.0.1', tlsPort ?? port, busPort);
    }
    await until('all know each other', () => members, knows(members.length));
  }

  const living = (): StartedNode[] => members.filter(({ running }) => running());

  async function masterOf(slot: number): Promise<StartedNode> {
    for (const { commands } of living()) {
      const ranges = (await commands.cluster('SLOTS').catch(() => [])) as [
        number,
        number,
        [string, number],
      ][];
      const range = ranges.find(([from, to]) => from <= slot && slot <= to);
      const node = members.find(({ port, running }) => port === range?.[2][1] && running());
      if (node !== undefined) return node;
    }
    throw new Error(`slot ${slot} has no master`);
  }

  const nodes = members.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return {
    nodes,
    urls: readConfig({ REDIS_CLUSTER_NODES: nodes }).redisClusterNodes ?? [],
    members,
    masterOf,

    async moveSlot(slot, to) {
      const from = await masterOf(slot);
      const [fromId, toId] = await Promise.all([from, to].map(({ commands }) => commands.cluster('MYID')));
      await to.commands.cluster('SETSLOT', slot, 'IMPORTING', String(fromId));
      await from.commands.cluster('SETSLOT', slot, 'MIGRATING', String(toId));
      for (;;) {
        const keys = await from.commands.cluster('GETKEYSINSLOT', slot, 100);
        if (keys.length === 0) break;
        await from.commands.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys);
      }
      await to.commands.cluster('SETSLOT', slot, 'NODE', String(toId));
      await from.commands.cluster('SETSLOT', slot, 'NODE', String(toId));
    },

    async addMaster() {
      const node = await add();
      await members[0]?.commands.call('CLUSTER', 'MEET', '127.0.0.1', node.port, node.busPort);
      await until('all know the new one, and it all slots', living, isWhole(living().length));
      return node;
    },

    async close() {
      await Promise.all(members.map((node) => node.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface StartedNode extends TestRedisNode {
  readonly busPort: number;
  running(): boolean;
  stop(): Promise<void>;
}

async function startNode(folder: string, more: Readonly<Record<string, string>>): Promise<StartedNode> {
  for (let attempt = 1; ; attempt++) {
    const [port, busPort] = [await freePort(), await freePort()];
    const tlsPort = more['tls-cluster'] === 'yes' ? await freePort() : null;
    const settings = {
      port,
      'cluster-port': busPort,
      bind: '127.0.0.1',
      'cluster-enabled': 'yes',
      'cluster-config-file': `nodes-${port}.conf`,
      'cluster-node-timeout': NODE_TIMEOUT_MS,
      dir: folder,
      save: '',
      appendonly: 'no',
      // A replica takes over however old what it has is: locations are told anew.
      'cluster-replica-validity-factor': 0,
      'repl-diskless-sync-delay': 0,
      'cluster-require-full-coverage': 'no',
      ...more,
      ...(tlsPort !== null && { 'tls-port': tlsPort }),
    };
    try {
      let server = await launch(settings);
      const commands = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 1 });
      commands.on('error', () => undefined);
      return {
        port,
        busPort,
        tlsPort,
        commands,
        running: () => server.running,
        async kill9() {
          signal(server.process.pid, 'SIGKILL');
          await server.process.ended;
          commands.disconnect();
        },
        async restart() {
          server = await launch(settings);
          await commands.connect();
        },
        signal: (name) => void signal(server.process.pid, name),
        async stop() {
          commands.disconnect();
          signal(server.process.pid, 'SIGCONT');
          await server.process.stop(STOP_TIMEOUT_MS);
        },
      };
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

/** Resolves when it accepts connections. */
async function launch(settings: Readonly<Record<string, string | number>>) {
  let output = '';
  let noteReady = (): void => undefined;
  const ready = new Promise<boolean>((resolve) => (noteReady = () => resolve(true)));
  const process = await startSupervised({
    command: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    stopSignal: 'TERM',
    onOutput: (text) => {
      output = (output + text).slice(-4_000);
      if (output.includes('Ready to accept connections')) noteReady();
    },
  });
  process.unref();
  const launched = { process, running: true };
  void process.ended.then(() => (launched.running = false));
  if (await Promise.race([ready, process.ended.then(() => false)])) return launched;
  throw new Error(`redis-server does not start: ${output}`);
}

const knows =
  (count: number) =>
  async ({ commands }: TestRedisNode): Promise<boolean> =>
    (await commands.cluster('INFO')).includes(`cluster_known_nodes:${count}\r\n`);

const isWhole =
  (count: number) =>
  async (node: TestRedisNode): Promise<boolean> =>
    (await knows(count)(node)) && (await node.commands.cluster('INFO')).includes('cluster_state:ok');

async function until(
  what: string,
  nodes: () => readonly StartedNode[],
  holds: (node: TestRedisNode) => Promise<boolean>,
): Promise<void> {
  const giveUpAtMs = Date.now() + 30_000;
  for (;;) {
    const answers = await Promise.all(nodes().map((node) => holds(node).catch(() => false)));
    if (answers.every(Boolean)) return;
    if (Date.now() > giveUpAtMs) throw new Error(`the Redis Cluster did not come up: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
