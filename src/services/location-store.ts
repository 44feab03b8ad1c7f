import type { DeviceSightings } from '../domain/device-choice.js';
import type { LocationUpdate } from '../domain/location-update.js';

/**
 * Keeps the newest location of each user until it is older than the TTL, for all servers of a deployment,
 * with the user's whereabouts, and publishes each one that it keeps. Redis, or the memory of the one server
 * that runs without Redis.
 */
export interface LocationStore {
  /**
   * Keeps the update and publishes it on the user's topic if it replaces the newest known; else does nothing.
   * It is kept until the TTL after its receipt is over.
   * @param takeOver replaces a location that another device reported, and nothing where none is kept.
   *   Default: false.
   */
  publish(userId: string, update: LocationUpdate, takeOver?: boolean): Promise<PublishOutcome>;
  /**
   * The newest locations in the order of `userIds`, null where none is kept. @throws DomainError
   * 'unavailable'
   */
  newest(userIds: readonly string[]): Promise<(LocationUpdate | null)[]>;
  /**
   * Sets the one listener that is called with each update that was kept and whose whereabouts friends have to
   * be told of: they began with it, or nobody has told of them in time.
   */
  onUnannounced(listener: (userId: string, update: LocationUpdate) => void): void;
  /**
   * Notes that friends were told of the whereabouts that began at an instant, if they are still the user's.
   * Resolves to what is kept now, null for nothing.
   */
  confirm(userId: string, madeAtMs: number): Promise<LocationUpdate | null>;
  /** What is known of the user's devices; it is kept as long as a location. */
  sightings(userId: string): Promise<DeviceSightings>;
  /** Does nothing where no location of the user is kept: it has expired, or the user is gone. */
  keepSightings(userId: string, sightings: DeviceSightings): Promise<void>;
  /** Forgets the user's newest location and devices. */
  remove(userId: string): Promise<void>;
}

export type PublishOutcome =
  | 'published'
  /** Something newer is known, or the update was received longer ago than the TTL. */
  | 'outdated'
  /** The location that is shown was reported by another device. */
  | 'other-device';
