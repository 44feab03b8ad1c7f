/**
 * Limits what one user may report to this server: the updates in a second, and how fast the user travels. Counted
 * in this process, as a question to Redis for each update would cost more than the update.
 */
import { LRUCache } from 'lru-cache';
import type { LocationUpdate } from '../domain/location-update.js';
import { type TokenBucket, tokensAt, waitFor } from '../domain/token-bucket.js';
import { travelTo, type Travels } from '../domain/travel.js';
import type { Clock } from '../time/clock.js';
import { rateLimited } from './rate-limiter.js';

export function createUpdateLimit(deps: UpdateLimitDeps): UpdateLimit {
  const { perSecond, maxSpeed, clock } = deps;
  const size = { burst: perSecond * BURST_SECONDS, perSecond };
  const buckets = new LRUCache<string, TokenBucket>({ max: REMEMBERED_USERS });
  const travels = new LRUCache<string, Travels>({ max: REMEMBERED_USERS });

  return {
    admit(userId, locations) {
      const nowMs = clock.monotonic();
      const bucket = buckets.get(userId) ?? { tokens: size.burst, atMs: nowMs };
      const cost = Math.min(Math.ceil(locations / LOCATIONS_PER_TOKEN) || 1, size.burst);
      const waitMs = waitFor(bucket, size, nowMs, cost);
      if (waitMs > 0) {
        deps.onTooMany();
        throw rateLimited('Too many location updates. Send fewer, or many at once.', waitMs);
      }
      buckets.set(userId, { tokens: tokensAt(bucket, size, nowMs) - cost, atMs: nowMs });
    },

    believe(userId, update) {
      const next = travelTo(travels.get(userId) ?? null, update, maxSpeed, clock.monotonic());
      if ('waitMs' in next) {
        deps.onTooFast();
        throw rateLimited('Nobody travels that fast. The location was not taken.', next.waitMs);
      }
      travels.set(userId, next);
    },
  };
}

export interface UpdateLimit {
  /**
   * Counts one call.
   * @param locations in it. @throws DomainError 'rate-limited'.
   */
  admit(userId: string, locations: number): void;
  /** Takes a location that friends would see. @throws DomainError 'rate-limited' when the user can't be there. */
  believe(userId: string, update: LocationUpdate): void;
}

interface UpdateLimitDeps {
  /** The calls of one user in a second, in the long run. */
  readonly perSecond: number;
  /** The speed at which anybody travels, metres a second. */
  readonly maxSpeed: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  onTooMany(): void;
  onTooFast(): void;
}

/** What a device that was away sends at once: with the default, 2,000 locations and some to spare. */
const BURST_SECONDS = 10;
/** So many locations of a batch count as one call. */
const LOCATIONS_PER_TOKEN = 25;
const REMEMBERED_USERS = 50_000;
