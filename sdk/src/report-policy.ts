/**
 * Decides when a position is worth a report: about every 30 s, sooner after a real move, and less often when
 * the device stays where it is or the app is hidden. With the default policy a user stays active, which by
 * the server's default takes an update within ten minutes.
 */
import { distanceMeters } from './distance.js';

/** The policy of an app that sets none. */
export const DEFAULT_POLICY: ReportPolicy = {
  movingMs: 10_000,
  usualMs: 30_000,
  stillMs: 120_000,
  hiddenMs: 300_000,
  moveMeters: 100,
};

/**
 * Returns from when on a fix should be reported, in milliseconds since the epoch.
 * @param reported the fix that was reported last; null before the first report.
 * @param hidden whether the app is hidden.
 */
export function reportDueAtMs(reported: Fix | null, fix: Fix, hidden: boolean, policy: ReportPolicy): number {
  if (reported === null) return fix.takenAtMs;
  const moved = distanceMeters(reported, fix);
  const accuracy = fix.accuracyMeters ?? 0;
  const still = moved <= Math.max(STILL_METERS, accuracy);
  const realMove = moved >= Math.max(policy.moveMeters, accuracy);
  const visibleMs = still ? policy.stillMs : realMove ? policy.movingMs : policy.usualMs;
  return reported.takenAtMs + (hidden ? Math.max(policy.hiddenMs, visibleMs) : visibleMs);
}

/** A position as the device took it. */
export interface Fix {
  /** In degrees, -90 to 90. */
  readonly latitude: number;
  /** In degrees, -180 to 180. */
  readonly longitude: number;
  /**
   * The radius in metres that likely holds the true position, as the device means it; null when the device does not
   * say.
   */
  readonly accuracyMeters: number | null;
  /**
   * Speed over ground in metres a second, at most 10,000. Not known when it is left out, null, NaN or below 0.
   */
  readonly speedMetersPerSecond?: number | null | undefined;
  /**
   * Direction of travel in degrees clockwise from true north, at most 360. Not known, or the device is still, when it
   * is left out, null, NaN or below 0.
   */
  readonly headingDegrees?: number | null | undefined;
  /** When the device took the position, in milliseconds since the epoch. */
  readonly takenAtMs: number;
}

/** How much time lies between two reports. */
export interface ReportPolicy {
  /** The time after a real move, in milliseconds. Default: 10,000. */
  readonly movingMs: number;
  /** The usual time, in milliseconds. Default: 30,000. */
  readonly usualMs: number;
  /** The time while the device stays where it is, in milliseconds. Default: 120,000. */
  readonly stillMs: number;
  /** The least time while the app is hidden, in milliseconds. Default: 300,000. */
  readonly hiddenMs: number;
  /** How far a real move goes, in metres; a move within the fix's own accuracy is none. Default: 100. */
  readonly moveMeters: number;
}

/** Within so many metres, and always within the fix's own accuracy, the device counts as still. */
const STILL_METERS = 15;
