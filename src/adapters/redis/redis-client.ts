/** Connections to one Redis, or to a Redis Cluster: made, checked at the start, kept through outages. */
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
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
  enableAutoPipelining: true,
};

/** Subscriptions wait for Redis to come back, however long. */
export const subscriberOptions: RedisOptions = {
  socketTimeout: SILENCE_TIMEOUT_MS,
  maxRetriesPerRequest: null,
  autoResubscribe: false,
};

const retryDelayMs = (attempt: number): number => Math.min(50 * 2 ** attempt, 1_000);

/** @throws StartupError with one clear line, without credentials, when Redis cannot be used. */
export async function connectRedis(url: string, options: RedisOptions, log: Log): Promise<Redis> {
  const client = new Redis(url, {
    ...options,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: retryDelayMs,
  });
  let lastError: unknown = null;
  client.on('error', (error: Error) => {
    lastError = error;
    log.warn({ code: codeOf(error) }, 'a Redis connection broke');
  });
  try {
    await client.connect();
  } catch (error) {
    client.disconnect();
    throw new StartupError(`REDIS_URL: ${reasonOf(lastError ?? error, new URL(url).host)}`);
  }
  return client;
}

/**
 * Commands to a Redis Cluster, which find their way when slots move and masters change.
 * @param urls of some of its nodes; user, password and TLS are those of the first.
 * @throws StartupError as above.
 */
export async function connectRedisCluster(urls: readonly URL[], log: Log): Promise<Cluster> {
  const [first] = urls;
  const options: ClusterOptions = {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    // Where one command of a pipeline is told to go elsewhere, the others that have been obeyed keep it from being sent
    // again. Updates are told again by whoever publishes them; a read is not.
    autoPipeliningIgnoredCommands: ['mget', 'del'],
    clusterRetryStrategy: retryDelayMs,
    redisOptions: { ...commandOptions, ...credentialsOf(first), connectTimeout: CONNECT_TIMEOUT_MS },
  };
  const cluster = new Cluster(urls.map(nodeOf), options);
  let lastError: unknown = null;
  const note = (error: Error): void => {
    lastError = error;
    log.warn({ code: codeOf(error) }, 'a Redis connection broke');
  };
  cluster.on('error', note);
  cluster.on('node error', note);
  try {
    await cluster.connect();
    await cluster.pubsub('SHARDNUMSUB');
  } catch (error) {
    cluster.disconnect();
    const hosts = urls.map(({ host }) => host).join(', ');
    throw new StartupError(`REDIS_CLUSTER_NODES: ${reasonOf(lastError ?? error, hosts)}`);
  }
  return cluster;
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

const codeOf = (error: Error): unknown => ('code' in error ? error.code : error.name);

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
