/**
 * Counts events by key in Redis, for all servers of a deployment together, or in memory where there is no Redis.
 * While Redis is away each server counts by itself, or refuses to, as the limit says. A key may be an address: its name in Redis is a hash with a
 * secret, and it is gone with the window.
 */
import { createHmac } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiter } from '../services/rate-limiter.js';
import type { KeyRing } from './jwt/key-ring.js';
import { derivedSecret } from './jwt/signing-key.js';
import type { Names } from './redis/partitions.js';
import type { RedisCommands } from './redis/redis-client.js';

/**
 * @param store null counts in memory.
 * @param ring the keys of the deployment; the secret is made from the newest, so counts begin anew with another one.
 */
export function createRateLimiters(store: LimitStore | null, ring: Pick<KeyRing, 'keys'>): RateLimiters {
  const secret = derivedSecret(ring, 'names of rate limits');

  return function createRateLimiter(kind, { points, seconds, onlyTogether = false }) {
    const window = { keyPrefix: '', points, duration: seconds };
    const memory = new RateLimiterMemory(window);
    const limiter =
      store === null
        ? memory
        : new RateLimiterRedis({
            ...window,
            storeClient: store.redis,
            rejectIfRedisNotReady: true,
            ...(!onlyTogether && { insuranceLimiter: memory }),
          });

    function nameOf(key: string): string {
      const hash = createHmac('sha256', secret())
        .update(`${kind} ${key}`)
        .digest('base64url')
        .slice(0, HASH_LENGTH);
      return store === null ? hash : store.names.limitKey(hash);
    }

    return {
      async count(key) {
        try {
          await limiter.consume(nameOf(key));
          return null;
        } catch (refusal) {
          if (refusal instanceof RateLimiterRes) return refusal.msBeforeNext;
          throw refusal;
        }
      },

      async takeBack(key) {
        await limiter.reward(nameOf(key));
      },

      async waitOf(key) {
        // Adding nothing tells how many there are, with no right that counting doesn't need.
        const { remainingPoints, msBeforeNext } = await limiter.penalty(nameOf(key), 0);
        return remainingPoints > 0 ? null : msBeforeNext;
      },
    };
  };
}

/** @param kind names what is counted. */
export type RateLimiters = (kind: string, limit: RateLimit) => RateLimiter;

/** So many events in so many seconds. */
export interface RateLimit {
  readonly points: number;
  readonly seconds: number;
  /** Whether `count` rejects while Redis is away, instead of counting for this server alone. Default: false. */
  readonly onlyTogether?: boolean;
}

export interface LimitStore {
  readonly redis: RedisCommands;
  readonly names: Pick<Names, 'limitKey'>;
}

/** 132 bits. */
const HASH_LENGTH = 22;
