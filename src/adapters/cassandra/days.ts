/** Days since the epoch, UTC: a user's locations of one day lie together. */
import { types } from 'cassandra-driver';

export type Day = number;

export const DAY_MS = 86_400_000;

/** @throws RangeError for a time that no calendar has. */
export function dayOf(atMs: number): Day {
  if (!Number.isFinite(new Date(atMs).getTime())) throw new RangeError('The time is in no calendar.');
  return Math.floor(atMs / DAY_MS);
}

/** As in 2026-11-30. */
export const textOf = (day: Day): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

// From a Date the driver would take the day that it is in the time zone of this machine.
export const dateOf = (day: Day): types.LocalDate => types.LocalDate.fromString(textOf(day));

export const dayFrom = (date: types.LocalDate): Day => Date.parse(date.toString()) / DAY_MS;

/** Seconds from now until a day is past the retention as a whole; at least one, as none would mean for ever. */
export function secondsLeft(day: Day, retentionDays: number, nowMs: number): number {
  const endsMs = Math.min((day + 1 + retentionDays) * DAY_MS, LATEST_EXPIRY_MS);
  return Math.max(1, Math.ceil((endsMs - nowMs) / 1_000));
}

/**
 * Cassandra 4.1, and 5.0 unless its `storage_compatibility_mode` is NONE, refuse what would expire after
 * 2038-01-19T03:14:06Z by a node's clock.
 */
const LATEST_EXPIRY_MS = Date.UTC(2038, 0, 18);

/**
 * A server notes only once that a user has locations of today or of so many days before. So a deletion leaves the notes of
 * these days, and of one more, as another server may be behind.
 */
export const NOTED_DAYS_BACK = 1;
