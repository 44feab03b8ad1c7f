import type { LocationUpdate } from '../domain/location-update.js';

/**
 * Keeps the newest location of each user until it is older than the TTL, for all servers of a deployment, and
 * publishes each one that it keeps. Redis, or the memory of the one server that runs without Redis.
 */
export interface LocationStore {
  /**
   * Keeps the update and publishes it on the user's topic if it is newer than the newest known; else does
   * nothing.
   */
  publish(userId: string, update: LocationUpdate): Promise<void>;
  /**
   * The newest locations in the order of `userIds`, null where none is kept. @throws DomainError
   * 'unavailable'
   */
  newest(userIds: readonly string[]): Promise<(LocationUpdate | null)[]>;
  /** Forgets the user's newest location. */
  remove(userId: string): Promise<void>;
}
