/**
 * Puts the times of fixes right. A device's own time may be wrong, stand still, or be set between two fixes; what
 * the clock of the app says when a fix arrives is not touched by that. A fix that may be really old, as from a
 * cache, never becomes a new place.
 */
import type { Fix } from './report-policy.js';
import type { ServerClock } from './server-clock.js';

/**
 * Makes the function that dates the fixes of a source as they arrive. One date alone can't tell an old fix from a
 * clock that is wrong, but what follows can:
 *
 * - A fix with the same date as the one before, more than a second later and at another place, comes from a clock
 *   that stands still. It was taken just now.
 * - Fixes that are too old to be shown come from a clock that is behind once their dates have gone on for three
 *   seconds as fast as the time. From then on they are dated as if it were right. A cache can't do that: it gives
 *   one fix again and again, or many at once. What a cache gave before, and so the first fix of a clock that is
 *   behind, stays old.
 */
export function createFixDating(clock: ServerClock): (fix: Fix) => DatedFix {
  /** How far the clock that dates the fixes is behind. */
  let behindMs = 0;
  let firstOld: DatedFix | null = null;
  /** The first fix that had the newest date. */
  let firstOfDate: DatedFix | null = null;
  let last: DatedFix | null = null;

  function isOfStandingClock(fix: DatedFix): boolean {
    if (firstOfDate?.ownTimeMs !== fix.ownTimeMs) firstOfDate = fix;
    const isElsewhere = last !== null && !isSamePlace(last, fix);
    return isElsewhere && fix.arrivedAtMs - firstOfDate.arrivedAtMs > AT_ONCE_MS;
  }

  function isOfClockBehind(fix: DatedFix): boolean {
    if (fix.arrivedAtMs - fix.takenAtMs <= oldestMs(clock)) {
      firstOld = null;
      return false;
    }
    firstOld ??= fix;
    const passedMs = fix.arrivedAtMs - firstOld.arrivedAtMs;
    const offStepMs = Math.abs(fix.ownTimeMs - firstOld.ownTimeMs - passedMs);
    const isInStep = offStepMs <= passedMs / 2;
    if (passedMs > LONGEST_LOOK_MS || offStepMs > passedMs / 2 + JITTER_MS) firstOld = fix;
    if (clock.awakeSinceMs > firstOld.arrivedAtMs) firstOld = fix;
    return isInStep && firstOld !== fix && passedMs >= LOOK_MS;
  }

  return (fix) => {
    const ageMs = Date.now() - fix.takenAtMs;
    behindMs = ageMs > oldestMs(clock) ? Math.min(behindMs, ageMs) : 0;
    let dated = datedFix(fix, clock, behindMs);
    if (isOfClockBehind(dated)) {
      behindMs = ageMs;
      dated = datedFix(fix, clock, behindMs);
    }
    if (isOfStandingClock(dated)) dated = datedAt(dated.arrivedAtMs, fix, clock);
    last = dated;
    return dated;
  };
}

/**
 * Dates a fix that has just arrived. A fix from the future or from another decade was dated by a clock that
 * is wrong, and was taken just now.
 * @param behindMs how far the clock that dated it is behind. Default: 0.
 */
export function datedFix(fix: Fix, clock: ServerClock, behindMs = 0): DatedFix {
  const nowMs = Math.round(clock.deviceNow());
  const ageMs = Date.now() - fix.takenAtMs - behindMs;
  const isRight = ageMs >= 0 && ageMs < OLDEST_FIX_MS;
  // While the device's time has not been set, the fix's own can stay to the millisecond.
  const isUnset = Math.abs(nowMs - Date.now()) < UNSET_WITHIN_MS;
  return datedAt(!isRight ? nowMs : isUnset ? fix.takenAtMs + behindMs : nowMs - ageMs, fix, clock);
}

/** Whether the device gave something new, and neither an older fix nor the same once more. */
export function isNewer(next: DatedFix, known: DatedFix): boolean {
  const isSame = next.ownTimeMs === known.ownTimeMs && isSamePlace(next, known);
  return !isSame && next.takenAtMs >= known.takenAtMs;
}

/** Whether it can be a position: iOS, for one, says by an accuracy below 0 that it knows none. */
export function isPlace({ latitude, longitude, accuracyMeters }: Fix): boolean {
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && !((accuracyMeters ?? 0) < 0);
}

/** A fix whose `takenAtMs` is `clock.deviceNow`'s. */
export interface DatedFix extends Fix {
  /** As the device dated it. */
  readonly ownTimeMs: number;
  /** By `clock.deviceNow`. */
  readonly arrivedAtMs: number;
  /** When it was taken, in the server's time; null when that was not known on arrival. */
  readonly serverTimeMs: number | null;
  /** Whether it said where the device was on arrival; the last place that was known, hours ago, does not. */
  readonly isFresh: boolean;
}

/** The server's LOCATION_TTL_SECONDS by default. */
const DEFAULT_TTL_MS = 600_000;
const UNSET_WITHIN_MS = 2_000;
/** GPS receivers whose count of weeks has rolled over are 1,024 weeks late. */
const OLDEST_FIX_MS = 365 * 86_400_000;
/** What a cache holds comes at once. */
const AT_ONCE_MS = 1_000;
const LOOK_MS = 3_000;
/** A source that gives less than two fixes in this time is no live one. */
const LONGEST_LOOK_MS = 60_000;
/** Browsers may give a fix that is some seconds old. */
const JITTER_MS = 5_000;

const ttlMs = ({ locationTtlMs }: ServerClock): number => locationTtlMs ?? DEFAULT_TTL_MS;

/** No device that works is so far behind with its fixes. */
const oldestMs = (clock: ServerClock): number => Math.min(ttlMs(clock), DEFAULT_TTL_MS);

function datedAt(takenAtMs: number, fix: Fix, clock: ServerClock): DatedFix {
  const arrivedAtMs = Math.round(clock.deviceNow());
  return {
    ...fix,
    takenAtMs,
    ownTimeMs: fix.takenAtMs,
    arrivedAtMs,
    serverTimeMs: clock.isAgreed ? takenAtMs + (clock.aheadMs ?? 0) : null,
    isFresh: arrivedAtMs - takenAtMs <= ttlMs(clock),
  };
}

const isSamePlace = (a: Fix, b: Fix): boolean => a.latitude === b.latitude && a.longitude === b.longitude;
