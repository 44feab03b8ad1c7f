/** Days since the epoch, UTC: a user's locations of one day lie together. */
import { types } from 'cassandra-driver';

export type Day = number;

export const DAY_MS = 86_400_000;

/** @throws RangeError for a time that no calendar has. */
export function dayOf(atMs: number): Day {
  if (!Number.isFinite(new Date(atMs).getTime())) throw new RangeError('The time is in no calendar.');
  return Math.floor(atMs / DAY_MS);
}

export const dateOf = (day: Day): types.LocalDate => types.LocalDate.fromDate(new Date(day * DAY_MS));

export const dayFrom = (date: types.LocalDate): Day => Date.parse(date.toString()) / DAY_MS;

/** Seconds from now until a day is past the retention as a whole; at least one, as none would mean for ever. */
export function secondsLeft(day: Day, retentionDays: number, nowMs: number): number {
  return Math.max(1, Math.ceil(((day + 1 + retentionDays) * DAY_MS - nowMs) / 1_000));
}

/**
 * A server notes only once that a user has locations of today or of so many days before. So a deletion leaves the notes of
 * these days, and of one more, as another server may be behind.
 */
export const NOTED_DAYS_BACK = 1;
