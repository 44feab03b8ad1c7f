/**
 * When a device's position is worth a report: about every 30 s, sooner after a real move, seldom when it stays where it
 * is or nobody looks. Never so seldom that friends take the user for inactive, which they do after ten minutes.
 */
import { distanceMeters } from './distance.js';

export const DEFAULT_POLICY: ReportPolicy = {
  movingMs: 10_000,
  usualMs: 30_000,
  stillMs: 120_000,
  hiddenMs: 300_000,
  moveMeters: 100,
};

/**
 * The instant from which on a fix should be reported.
 * @param reported the fix that was reported last, null before the first.
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
  /** Degrees. */
  readonly latitude: number;
  /** Degrees. */
  readonly longitude: number;
  /** Radius that holds the true position with 68 % confidence, metres; null when the device does not say. */
  readonly accuracyMeters: number | null;
  /** When the device took it, milliseconds since the epoch. */
  readonly takenAtMs: number;
}

/** Milliseconds between reports: */
export interface ReportPolicy {
  /** after a real move, at least; */
  readonly movingMs: number;
  /** usually; */
  readonly usualMs: number;
  /** of somebody who stays where they are; */
  readonly stillMs: number;
  /** while the app is not visible. */
  readonly hiddenMs: number;
  /** What counts as a real move, metres; one within the fix's own accuracy never does. */
  readonly moveMeters: number;
}

/** What counts as having stayed, metres; one within the fix's own accuracy always does. */
const STILL_METERS = 15;
