/**
 * Opens connections to one Redis or to a Redis Cluster, checks them at the start and keeps them through
 * outages.
 */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../../log.js';
import { StartupError } from '../../startup-error.js';
import { backoff } from '../../time/backoff.js';
import { systemClock } from '../../time/clock.js';
import { every } from '../../time/every.js';

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 1_500;
/** A connection on which an answer is due for so long is given up and made anew. */
const SILENCE_TIMEOUT_MS = 2_000;
const HEARTBEAT_MS = 2_000;

/** A command fails at once while Redis is away: its sender knows what that means. */
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

const retryDelayMs = backoff(50, 1_000);

/** @throws StartupError with one clear line, without credentials, when Redis cannot be used. */
export async function connectRedis(url: string, options: RedisOptions, log: Log): Promise<Redis> {
  const client = new Redis(url, { ...options, ...connecting, retryStrategy: retryDelayMs });
  return open(client, new URL(url).host, log).catch(refuseToStart('REDIS_URL'));
}

/** Takes commands. */
export type RedisCommands = Redis | Cluster;

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
    // Without pipelines a command that comes while its node connects goes to another node, and so out of
    // order.
    enableAutoPipelining: true,
    // When the cluster redirects one command of a pipeline whose others succeeded, ioredis does not send it
    // again. Updates that fail are published again by the republisher; reads are not repeated, so they stay
    // out of pipelines.
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

/**
 * Looks for one node that can be used, since the cluster client does not say what is wrong with its nodes.
 */
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
 * Pings a connection every two seconds. A half-open one stays silent for ever, and only an answer that does
 * not come shows it (`socketTimeout`).
 * @returns stops the pings.
 */
export function keepPinging(connection: Redis): () => void {
  const stop = every(systemClock, HEARTBEAT_MS, () => {
    if (connection.status === 'ready') connection.ping().catch(() => undefined);
  });
  return () => void stop();
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

/** Connects; rejects with an error that says what is wrong. */
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
