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
   * @param onCleared called with each user who has taken it back, and with the instant of that.
   */
  newest(
    userIds: readonly string[],
    onCleared?: (userId: string, clearedAtMs: number) => void,
  ): Promise<(LocationUpdate | null)[]>;
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
  /**
   * Forgets the user's newest location and devices and publishes that on the user's topic. For as long as a
   * location would be kept, updates that were on their way then are outdated (domain/cleared-location.ts).
   * Resolves to whether a location was kept.
   * @param clearedAtMs when the user took the location back, milliseconds since the epoch.
   */
  clear(userId: string, clearedAtMs: number): Promise<boolean>;
}

export type PublishOutcome =
  | 'published'
  /** Something newer is known, the user has taken it back, or it was received longer ago than the TTL. */
  | 'outdated'
  /** The location that is shown was reported by another device. */
  | 'other-device';
