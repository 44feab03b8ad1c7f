/** Opens connections to one Redis or to a Redis Cluster and keeps them through outages. */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../../log.js';
import { StartupError } from '../../startup-error.js';
import { backoff } from '../../time/backoff.js';
import { type Clock, systemClock } from '../../time/clock.js';
import { every } from '../../time/every.js';
import { within } from '../../time/within.js';
import { writeTogether } from '../../time/write-together.js';
import { reasonOf } from './connection-failure.js';

export const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 1_500;
const ALL_ATTEMPTS_MS = 2_000;
const LATE = Symbol('late');
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

const connecting: RedisOptions = {
  lazyConnect: true,
  connectTimeout: CONNECT_TIMEOUT_MS,
  // It would need INFO, and what redis-health.ts tries tells more.
  enableReadyCheck: false,
};

const retryDelayMs = backoff(50, 1_000);

/** @throws StartupError with one clear line, without credentials, when Redis cannot be used. */
export async function connectRedis(url: string, options: RedisOptions, log: Log): Promise<Redis> {
  const client = openOf(url, { ...options, ...connecting, retryStrategy: retryDelayMs });
  let firstError: unknown = null;
  client.on('error', warnOf(log));
  client.on('error', (error: Error) => (firstError ??= error));
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    throw new StartupError(
      `REDIS_URL: ${reasonOf(firstError ?? error, new URL(url).host, url.startsWith('rediss:'))}`,
    );
  }
}

/**
 * A client that has not connected. Of what a URL names `options` win: ioredis would let the URL win, whose `false` is a
 * text and holds as true.
 */
export const openOf = (url: string, options: RedisOptions): Redis =>
  new Redis(url, { lazyConnect: true }).duplicate({ ...options, keyPrefix: '' });

/** The number of the database that a URL names. */
export const databaseOf = (url: string): number => openOf(url, { lazyConnect: true }).options.db ?? 0;

/** Takes commands. */
export type RedisCommands = Redis | Cluster;

/** Holds back what is sent until the running code is done, so that it leaves in one write for each connection. */
export function sendTogether(redis: RedisCommands): void {
  const connections = redis instanceof Cluster ? redis.nodes('master') : [redis];
  for (const { status, stream } of connections) if (status === 'ready') writeTogether(stream);
}

/** The command of publisher.ts that a cluster may redirect. */
export const PUBLISH_ALONE = 'publishOnMasterAlone';

/**
 * What a command to a cluster answers. ioredis sends a command again whose master is silent or gone, and each time
 * has its own limit, so all of them together have one here.
 * @throws Error after two seconds; the command may still be carried out.
 */
export async function inTime<T>(clock: Clock, command: Promise<T>): Promise<T> {
  const answer = await within(clock, ALL_ATTEMPTS_MS, command, LATE);
  if (answer === LATE) throw new Error('the Redis Cluster did not answer in time');
  return answer;
}

/**
 * Commands to a Redis Cluster, which find their way when slots move and masters change.
 * @param urls of some of its nodes; user, password and TLS are those of the first.
 * @throws StartupError as above.
 */
export async function connectRedisCluster(urls: readonly URL[], log: Log): Promise<Cluster> {
  const cluster = new Cluster(urls.map(addressOf), {
    redisOptions: { ...commandOptions, ...connecting, ...credentialsOf(urls[0]) },
    // Names are resolved when a node is connected to. So one that DNS does not know harms no other, and TLS
    // compares certificates with names.
    dnsLookup: (name, done) => {
      done(null, name);
    },
    lazyConnect: true,
    enableOfflineQueue: false,
    // Without pipelines a command that comes while its node connects goes to another node, and so out of
    // order.
    enableAutoPipelining: true,
    // When the cluster redirects one command of a pipeline whose others succeeded, ioredis does not send it
    // again. Updates that fail are published again by the republisher; reads are not repeated, so they stay
    // out of pipelines.
    autoPipeliningIgnoredCommands: ['mget', 'del', PUBLISH_ALONE],
    clusterRetryStrategy: retryDelayMs,
  });
  const warn = warnOf(log);
  cluster.on('error', warn);
  cluster.on('node error', warn);
  // The promise of connect() stays pending when the first attempt fails half-way and a later one succeeds.
  const ready = new Promise<true>((resolve) => cluster.once('ready', () => resolve(true)));
  cluster.connect().catch(() => undefined);
  if (await within(systemClock, CONNECT_TIMEOUT_MS, ready, false)) return cluster;
  cluster.disconnect();
  throw new StartupError('REDIS_CLUSTER_NODES: the Redis Cluster did not become ready within 5 s.');
}

/**
 * Pings a connection every two seconds. A half-open one stays silent for ever, and only an answer that does
 * not come shows it (`socketTimeout`).
 * @returns stops the pings.
 */
export function keepPinging(connection: Redis, clock: Clock): () => void {
  const stop = every(clock, HEARTBEAT_MS, () => {
    if (connection.status === 'ready') connection.ping().catch(() => undefined);
  });
  return () => void stop();
}

/** User, password and TLS of a URL. */
export function credentialsOf(url: URL | undefined): RedisOptions {
  return {
    ...(url?.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url?.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(url?.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

export const addressOf = ({ hostname, port }: URL): { host: string; port: number } => ({
  host: hostname.replace(/^\[|\]$/g, ''),
  port: Number(port || 6379),
});

function warnOf(log: Log) {
  return (error: Error): void => {
    log.warn({ code: 'code' in error ? error.code : error.name }, 'a Redis connection broke');
  };
}
