/**
 * Whether somebody can have come from one place to the next. Who is somewhere else at every fix is not travelling
 * but looking at other people's surroundings. A fix that a device got wrong is a leap there and a leap back, so a few
 * leaps are allowed.
 */
import { distanceMeters, distanceWithin, type GeoPoint } from './distance.js';
import { type TokenBucket, tokensAt, waitFor } from './token-bucket.js';

/** How many leaps are allowed in a row, and after how long another one is. */
export const LEAPS = 8;
export const LEAP_INTERVAL_MS = 300_000;

/**
 * Adds a fix to the travels of a user.
 * @param before null for the first fix.
 * @param maxSpeed at which anybody travels, metres a second.
 * @param nowMs on a clock that only moves forward.
 * @returns the travels that count from now on, or how long to wait, milliseconds, until the fix is believed.
 */
export function travelTo(
  before: Travels | null,
  fix: Fix,
  maxSpeed: number,
  nowMs: number,
): Travels | { readonly waitMs: number } {
  if (before === null) return { last: fix, anchors: [fix], leaps: { tokens: LEAPS, atMs: nowMs } };
  // The place of another device of the user counts for a device that has not been heard of before.
  const anchor = before.anchors.find(({ device }) => device === fix.device) ?? before.last;
  const aheadMs = fix.recordedAtMs - anchor.recordedAtMs;
  // A fix that comes late must fit, too, but is not where the user is.
  const isLate = anchor.device === fix.device && aheadMs < 0;
  const elapsedMs = Math.abs(aheadMs);
  const reachMeters = (maxSpeed * Math.max(elapsedMs, SHORTEST_TRIP_MS)) / 1_000;
  if (distanceWithin(anchor, fix, reachMeters) !== null) {
    // Fixes of one trip are measured from its start: steps that are each too short to tell would add up.
    const isNext = anchor.device !== fix.device || elapsedMs >= SHORTEST_TRIP_MS;
    return isNext && !isLate ? { ...before, ...movedTo(before, fix) } : before;
  }
  const tokens = tokensAt(before.leaps, LEAP_BUCKET, nowMs);
  if (tokens >= 1) {
    return { ...before, ...(!isLate && movedTo(before, fix)), leaps: { tokens: tokens - 1, atMs: nowMs } };
  }
  const tripMs = (distanceMeters(anchor, fix) / maxSpeed) * 1_000 - elapsedMs;
  return { waitMs: Math.min(tripMs, waitFor(before.leaps, LEAP_BUCKET, nowMs, 1)) };
}

/** What is remembered of a user. Immutable. */
export interface Travels {
  /** The newest fix that was believed. */
  readonly last: Fix;
  /** The start of the present trip of each device, the devices heard of last. */
  readonly anchors: readonly Fix[];
  /** The leaps that are left. */
  readonly leaps: TokenBucket;
}

export interface Fix extends GeoPoint {
  readonly recordedAtMs: number;
  /** Undefined for a device without a name. */
  readonly device?: string | undefined;
}

/** Over less time, the correction of a bad fix looks like a speed. */
const SHORTEST_TRIP_MS = 60_000;
const MOST_DEVICES = 5;
const LEAP_BUCKET = { burst: LEAPS, perSecond: 1_000 / LEAP_INTERVAL_MS };

function movedTo({ anchors }: Travels, fix: Fix): Pick<Travels, 'last' | 'anchors'> {
  const others = anchors.filter(({ device }) => device !== fix.device);
  return { last: fix, anchors: [fix, ...others].slice(0, MOST_DEVICES) };
}
