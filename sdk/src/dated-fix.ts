/**
 * Puts the time of a fix right. A device's own time may be wrong, and may be set between two fixes; what the
 * clock of the app says when a fix arrives is not touched by that.
 */
import type { Fix } from './report-policy.js';
import type { ServerClock } from './server-clock.js';

/**
 * Dates a fix that has just arrived. A fix from the future or from another decade was dated by a clock that
 * is wrong, and was taken just now.
 */
export function datedFix(fix: Fix, clock: ServerClock): DatedFix {
  const nowMs = Math.round(clock.deviceNow());
  const ageMs = Date.now() - fix.takenAtMs;
  const isRight = ageMs >= 0 && ageMs < OLDEST_FIX_MS;
  // While the device's time has not been set, the fix's own can stay to the millisecond.
  const isUnset = Math.abs(nowMs - Date.now()) < UNSET_WITHIN_MS;
  const takenAtMs = !isRight ? nowMs : isUnset ? fix.takenAtMs : nowMs - ageMs;
  return {
    ...fix,
    takenAtMs,
    ownTimeMs: fix.takenAtMs,
    arrivedAtMs: nowMs,
    serverTimeMs: clock.isAgreed ? takenAtMs + (clock.aheadMs ?? 0) : null,
    isFresh: nowMs - takenAtMs <= (clock.locationTtlMs ?? DEFAULT_TTL_MS),
  };
}

/** Whether the device gave something new, and not the same fix once more, which it may date anew. */
export function isNewer(next: DatedFix, known: DatedFix): boolean {
  return next.ownTimeMs !== known.ownTimeMs && next.takenAtMs > known.takenAtMs;
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
