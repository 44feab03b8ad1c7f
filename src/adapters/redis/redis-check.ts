/**
 * Says at the start, in one line and within ten seconds, why a Redis or a Redis Cluster cannot be used: the
 * wrong kind of server, a missing right, an address that cannot be reached. Every command and name that
 * servers use is tried.
 */
import slotOf from 'cluster-key-slot';
import { Redis, type RedisOptions } from 'ioredis';
import { StartupError } from '../../startup-error.js';
import { systemClock } from '../../time/clock.js';
import { within } from '../../time/within.js';
import { reasonOf } from './connection-failure.js';
import { type Names, PARTITIONS } from './partitions.js';
import { addressOf, commandOptions, CONNECT_TIMEOUT_MS, credentialsOf, openOf } from './redis-client.js';
import { newServerId } from './server-id.js';

/** @throws StartupError when the one Redis of REDIS_URL cannot be used. */
export function checkRedis(url: string, names: Names): Promise<void> {
  const client = openOf(url, FOR_ONE_CHECK);
  const { db = 0, path } = client.options;
  const host = new URL(url).host || (path ?? 'localhost');
  return inOneLine(
    'REDIS_URL',
    ask(client, host, async (node) => {
      await checkKind(node, host, 'standalone');
      const name = names.trial(0, newServerId());
      const select: Command[] = db === 0 ? [] : [['select', db]];
      await tryCommands(node, host, names, [...select, ...commandsOn(name, 'publish', 'subscribe')]);
    }),
  );
}

/** @throws StartupError when the cluster of REDIS_CLUSTER_NODES cannot be used. One master that can is enough. */
export function checkRedisCluster(urls: readonly URL[], names: Names): Promise<void> {
  return inOneLine('REDIS_CLUSTER_NODES', checkCluster(urls, names));
}

/** What cannot be used, and why: a sentence. */
class Unusable extends Error {}

class MissingRights extends Unusable {}

type Command = [name: string, ...args: (string | number)[]];

/** A range of slots in the answer to CLUSTER SLOTS: first, last, and the master's host, if it is known, and port. */
type SlotRange = [first: number, last: number, master?: [host: string | null, port: number]];

const CHECK_TIMEOUT_MS = 10_000;
const SLOTS = 16_384;
const LATE = Symbol('late');

const FOR_ONE_CHECK: RedisOptions = {
  ...commandOptions,
  lazyConnect: true,
  connectTimeout: CONNECT_TIMEOUT_MS,
  enableReadyCheck: false,
  retryStrategy: null,
};

async function inOneLine(setting: string, check: Promise<void>): Promise<void> {
  const result = await within(systemClock, CHECK_TIMEOUT_MS, check, LATE).catch((error: unknown) => {
    if (error instanceof Unusable) throw new StartupError(`${setting}: ${error.message}`);
    throw error;
  });
  if (result === LATE) throw new StartupError(`${setting}: the checks were not done within 10 s.`);
}

async function checkCluster(urls: readonly URL[], names: Names): Promise<void> {
  const options = { ...FOR_ONE_CHECK, ...credentialsOf(urls[0]) };
  const { host, ranges } = await Promise.any(
    urls.map(async (url) => ({
      host: url.host,
      ranges: await ask(new Redis({ ...options, ...addressOf(url) }), url.host, (node) =>
        slotRanges(node, url.host, names),
      ),
    })),
  ).catch((error: unknown) => {
    throw new Unusable(sentences(error instanceof AggregateError ? error.errors : [error]));
  });
  const serverId = newServerId();
  const trials = await Promise.allSettled(
    [...namesByMaster(host, ranges, names, serverId)].map(([address, name]) =>
      ask(new Redis({ ...options, ...hostAndPort(address) }), address, (node) =>
        tryCommands(node, address, names, [...commandsOn(name, 'spublish', 'ssubscribe'), ['exists', name]]),
      ),
    ),
  );
  const errors = trials.flatMap((trial) => (trial.status === 'rejected' ? [trial.reason as unknown] : []));
  const missing = errors.find((error) => error instanceof MissingRights);
  if (missing !== undefined) throw missing;
  if (errors.length === trials.length) {
    throw new Unusable(`none of the masters that the cluster names can be used: ${sentences(errors)}`);
  }
}

/** Connects, asks and disconnects. Rejects with Unusable. */
async function ask<T>(node: Redis, host: string, question: (node: Redis) => Promise<T>): Promise<T> {
  let firstError: unknown = null;
  node.on('error', (error: Error) => (firstError ??= error));
  try {
    await node.connect().catch((error: unknown) => {
      throw firstError ?? error;
    });
    return await question(node);
  } catch (error) {
    throw error instanceof Unusable
      ? error
      : new Unusable(reasonOf(error, host, node.options.tls !== undefined), { cause: error });
  } finally {
    node.disconnect();
  }
}

/** A server that does not know HELLO without arguments, as of Redis 6.2, is taken for the right one. */
async function checkKind(node: Redis, host: string, expected: 'standalone' | 'cluster'): Promise<void> {
  const answer = await node.call('hello').catch(() => []);
  const fields = Array.isArray(answer) ? answer.map(String) : [];
  const field = (name: string): string => fields[fields.indexOf(name) + 1] ?? '';
  const mode = field('mode');
  if (mode === 'sentinel') {
    throw new Unusable(
      `${host} is a Sentinel, which is not supported. Name one address that leads to the master, such as that of HAProxy: see docs/operations.md.`,
    );
  }
  if (mode === 'cluster' && expected === 'standalone') {
    throw new Unusable(`Redis at ${host} is a node of a Redis Cluster: set REDIS_CLUSTER_NODES instead.`);
  }
  if (mode === 'standalone' && expected === 'cluster') {
    throw new Unusable(`Redis at ${host} is no cluster.`);
  }
  if (expected === 'cluster' && Number.parseInt(field('version')) < 7) {
    throw new Unusable(`the Redis Cluster at ${host} is older than 7.0.`);
  }
  if (expected === 'standalone' && field('role') === 'replica') {
    throw new Unusable(`Redis at ${host} is a replica: name its master.`);
  }
}

async function slotRanges(node: Redis, host: string, names: Names): Promise<SlotRange[]> {
  await checkKind(node, host, 'cluster');
  await tryCommands(node, host, names, [
    ['cluster', 'slots'],
    ['cluster', 'info'],
  ]);
  const ranges = (await node.call('cluster', 'slots')) as SlotRange[];
  const assigned = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (assigned < SLOTS) {
    throw new Unusable(`in the Redis Cluster at ${host}, ${assigned} of ${SLOTS} slots have a master.`);
  }
  if ((await node.cluster('INFO')).includes('cluster_state:fail')) {
    throw new Unusable(`the Redis Cluster at ${host} is down (cluster_state:fail).`);
  }
  return ranges;
}

/** A name to try at each master, by its address. */
function namesByMaster(
  host: string,
  ranges: readonly SlotRange[],
  names: Names,
  serverId: string,
): Map<string, string> {
  const masters = new Map<string, string>();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const name = names.trial(partition, serverId);
    const slot = slotOf(name);
    const [announced, port] = ranges.find(([first, last]) => first <= slot && slot <= last)?.[2] ?? ['', 0];
    if (!announced || announced === '?') {
      throw new Unusable(
        `the Redis Cluster at ${host} does not say where its nodes are: set ${settingFor(announced)}.`,
      );
    }
    const address = `${announced}:${port}`;
    if (!masters.has(address)) masters.set(address, name);
  }
  return masters;
}

/** What is to be set where CLUSTER SLOTS names no host: null by intention, '?' for want of a name. */
function settingFor(announced: string | null): string {
  if (announced === null) return 'cluster-preferred-endpoint-type to ip or hostname';
  if (announced === '?') return 'cluster-announce-hostname, or cluster-preferred-endpoint-type to ip';
  return 'cluster-announce-ip';
}

/** Everything that servers send, on one name. */
function commandsOn(
  name: string,
  publish: 'publish' | 'spublish',
  subscribe: 'subscribe' | 'ssubscribe',
): Command[] {
  return [
    ['ping'],
    ['eval', 'return 1', 1, name],
    ['evalsha', '0'.repeat(40), 1, name],
    ['set', name, '0', 'PX', 1_000],
    ['get', name],
    ['mget', name],
    ['incrby', name, 1],
    ['pttl', name],
    ['expire', name, 1],
    [publish, name, ''],
    ['del', name],
    [subscribe, name],
    [`${subscribe === 'subscribe' ? '' : 's'}unsubscribe`, name],
  ];
}

/** @throws MissingRights that names every command and kind of name that is refused. */
async function tryCommands(
  node: Redis,
  host: string,
  { prefix }: Names,
  commands: readonly Command[],
): Promise<void> {
  const refused = new Set<string>();
  const results = await Promise.allSettled(commands.map(([name, ...args]) => node.call(name, ...args)));
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') continue;
    const message = result.reason instanceof Error ? result.reason.message : '';
    const [name, first] = commands[index] ?? ['', ''];
    if (message.startsWith('NOSCRIPT')) continue;
    if (/DB index is out of range/.test(message)) {
      throw new Unusable(`Redis at ${host} has no database ${first}.`);
    }
    if (!/NOPERM|unknown (sub)?command/i.test(message)) throw result.reason;
    if (/channels?( used as arguments)?$/.test(message)) refused.add(`channels ${prefix}:*`);
    else if (/keys?( used as arguments)?$/.test(message)) refused.add(`keys ${prefix}:*`);
    else refused.add((name === 'cluster' ? `cluster ${first}` : name).toUpperCase());
  }
  if (refused.size > 0) {
    throw new MissingRights(
      `Redis at ${host} refuses ${[...refused].join(', ')}. docs/operations.md lists the rights that are needed.`,
    );
  }
}

function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}

/** Each of them once, in one line. */
const sentences = (errors: readonly unknown[]): string =>
  [...new Set(errors.map((error) => (error instanceof Error ? error.message : String(error))))].join(' ');
