/** Connections to one Redis, or to a Redis Cluster: made, checked at the start, kept through outages. */
import type { Duplex } from 'node:stream';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../../log.js';
import { StartupError } from '../../startup-error.js';

/** What takes commands. */
export type RedisCommands = Redis | Cluster;

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 1_500;
/** A connection whose peer says nothing for so long, while an answer is due, is given up and made anew. */
const SILENCE_TIMEOUT_MS = 2_000;
const HEARTBEAT_MS = 2_000;

/** A command fails at once while Redis is away: whoever sends it knows what that means. */
export const commandOptions: RedisOptions = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: SILENCE_TIMEOUT_MS,
  enableOfflineQueue: false,
};

/** Subscriptions wait for Redis to come back, however long. */
export const subscriberOptions: RedisOptions = {
  socketTimeout: SILENCE_TIMEOUT_MS,
  maxRetriesPerRequest: null,
  autoResubscribe: false,
};

const connecting: RedisOptions = { lazyConnect: true, connectTimeout: CONNECT_TIMEOUT_MS };

const retryDelayMs = (attempt: number): number => Math.min(50 * 2 ** attempt, 1_000);

/** @throws StartupError with one clear line, without credentials, when Redis cannot be used. */
export async function connectRedis(url: string, options: RedisOptions, log: Log): Promise<Redis> {
  const client = new Redis(url, { ...options, ...connecting, retryStrategy: retryDelayMs });
  return open(client, new URL(url).host, log).catch(refuseToStart('REDIS_URL'));
}

/**
 * Commands to a Redis Cluster, which find their way when slots move and masters change.
 * @param urls of some of its nodes; user, password and TLS are those of the first.
 * @throws StartupError as above.
 */
export async function connectRedisCluster(urls: readonly URL[], log: Log): Promise<Cluster> {
  const redisOptions = { ...commandOptions, ...connecting, ...credentialsOf(urls[0]) };
  const cluster = new Cluster(urls.map(nodeOf), {
    redisOptions,
    lazyConnect: true,
    enableOfflineQueue: false,
    // Without pipelines a command that comes while its node connects goes to another one, and so out of order.
    enableAutoPipelining: true,
    // Where one command of a pipeline is told to go elsewhere, the others that have been obeyed keep it from being sent
    // again. Updates are told again by whoever publishes them; a read is not.
    autoPipeliningIgnoredCommands: ['mget', 'del'],
    clusterRetryStrategy: retryDelayMs,
  });
  const warn = warnOf(log);
  cluster.on('error', warn);
  cluster.on('node error', warn);
  try {
    await checkNodes(urls, redisOptions, log);
    await cluster.connect();
  } catch (error) {
    cluster.disconnect();
    return refuseToStart('REDIS_CLUSTER_NODES')(error);
  }
  return cluster;
}

/** The client of a cluster does not say what is wrong with its nodes: looks for one that will do. */
async function checkNodes(urls: readonly URL[], options: RedisOptions, log: Log): Promise<void> {
  let lastError: unknown = null;
  for (const url of urls) {
    const node = new Redis({ ...options, ...nodeOf(url), retryStrategy: null });
    try {
      await open(node, url.host, log);
      await node.cluster('INFO').catch(fail(url.host));
      await node.pubsub('SHARDNUMSUB').catch(fail(url.host));
      return;
    } catch (error) {
      lastError = error;
    } finally {
      node.disconnect();
    }
  }
  throw lastError;
}

/**
 * Asks a connection to answer every two seconds until it ends. A half-open one stays silent for ever; only an answer
 * that does not come shows it (`socketTimeout`).
 */
export function keepAsking(connection: Redis): () => void {
  const heartbeat = setInterval(() => {
    if (connection.status === 'ready') connection.ping().catch(() => undefined);
  }, HEARTBEAT_MS);
  return () => {
    clearInterval(heartbeat);
  };
}

/**
 * What is sent from the call on, before the event loop goes on, leaves in one write: all updates of a tick. Instead of
 * ioredis' automatic pipelines, which a cluster can't do without: each has a hidden class of its own there, which V8
 * keeps, and all that the pipeline knows with it, until it collects the old generation (docs/decisions/012).
 */
export function createSendingTogether(redis: RedisCommands): () => void {
  if (redis instanceof Cluster) return () => undefined;
  let corked: Duplex | null = null;

  function uncork(): void {
    corked?.uncork();
    corked = null;
  }

  return () => {
    if (corked !== null) return;
    corked = redis.stream;
    corked.cork();
    process.nextTick(uncork);
  };
}

function credentialsOf(url: URL | undefined): RedisOptions {
  return {
    ...(url?.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url?.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(url?.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

const nodeOf = ({ hostname, port }: URL): { host: string; port: number } => ({
  host: hostname.replace(/^\[|\]$/g, ''),
  port: Number(port || 6379),
});

/** Rejects with an error that says what is wrong. */
async function open(client: Redis, host: string, log: Log): Promise<Redis> {
  let lastError: unknown = null;
  client.on('error', warnOf(log));
  client.on('error', (error: Error) => (lastError = error));
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    return fail(host)(lastError ?? error);
  }
}

function warnOf(log: Log) {
  return (error: Error): void => {
    log.warn({ code: 'code' in error ? error.code : error.name }, 'a Redis connection broke');
  };
}

const refuseToStart =
  (setting: string) =>
  (error: unknown): never => {
    throw new StartupError(`${setting}: ${error instanceof Error ? error.message : String(error)}`);
  };

const fail =
  (host: string) =>
  (error: unknown): never => {
    throw new Error(reasonOf(error, host), { cause: error });
  };

function reasonOf(error: unknown, host: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/WRONGPASS|NOAUTH|invalid password/i.test(message))
    return `Redis at ${host} refuses the user or the password.`;
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return `the host of ${host} is not known.`;
  if (/ECONNREFUSED/.test(message)) return `nothing listens at ${host}.`;
  if (/ETIMEDOUT|timeout/i.test(message)) return `no Redis answered at ${host} within 5 s.`;
  if (/cluster support disabled/i.test(message)) return `Redis at ${host} is no cluster.`;
  if (/unknown subcommand/i.test(message)) return `the Redis Cluster at ${host} is older than 7.0.`;
  return `Redis at ${host} cannot be used.`;
}
