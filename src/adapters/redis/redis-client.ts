/** Connections to one Redis: made, checked at the start, kept through outages. */
import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../../log.js';
import { StartupError } from '../../startup-error.js';

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 1_500;
/** A connection whose peer says nothing for so long, while an answer is due, is given up and made anew. */
const SILENCE_TIMEOUT_MS = 2_000;

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

/** @throws StartupError with one clear line, without credentials, when Redis cannot be used. */
export async function connectRedis(url: string, options: RedisOptions, log: Log): Promise<Redis> {
  const client = new Redis(url, {
    ...options,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 1_000),
  });
  let lastError: Error | null = null;
  client.on('error', (error: Error) => {
    lastError = error;
    log.warn({ code: 'code' in error ? error.code : error.name }, 'a Redis connection broke');
  });
  try {
    await client.connect();
  } catch (error) {
    client.disconnect();
    throw new StartupError(`REDIS_URL: ${reasonOf(lastError ?? error, new URL(url).host)}`);
  }
  return client;
}

function reasonOf(error: unknown, host: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/WRONGPASS|NOAUTH|invalid password/i.test(message))
    return `Redis at ${host} refuses the user or the password.`;
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return `the host of ${host} is not known.`;
  if (/ECONNREFUSED/.test(message)) return `nothing listens at ${host}.`;
  if (/ETIMEDOUT|timeout/i.test(message)) return `no Redis answered at ${host} within 5 s.`;
  return `Redis at ${host} cannot be used.`;
}
