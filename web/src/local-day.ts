/**
 * The days of a calendar where the device is: each lasts from its first instant to that of the next one, 23 or 25 hours
 * where clocks change.
 */
import type { HistoryRange } from 'nearby-friends-client';

/** A day as date inputs write it, such as "2026-03-29". */
export type Day = string;

/** @param ms milliseconds since the epoch. */
export function dayOf(ms: number): Day {
  const at = new Date(ms);
  // As a date in UTC, of which the format can be had.
  return formatted(Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()));
}

/** Returns the day so many days later, or earlier with a negative number. */
export function dayAfter(day: Day, days: number): Day {
  const [year, month, date] = partsOf(day);
  return formatted(Date.UTC(year, month - 1, date + days));
}

/** Returns the first instant of the day, milliseconds since the epoch. */
export function startOf(day: Day): number {
  const [year, month, date] = partsOf(day);
  // Where clocks skip midnight, this is the instant to which they skip.
  return new Date(year, month - 1, date).getTime();
}

/** Returns the time from the first day to the end of the last one. Null leaves that side open. */
export function rangeOf(first: Day | null, last: Day | null): HistoryRange {
  return {
    from: first === null ? null : new Date(startOf(first)).toISOString(),
    to: last === null ? null : new Date(startOf(dayAfter(last, 1))).toISOString(),
  };
}

const formatted = (utcMs: number): Day => new Date(utcMs).toISOString().slice(0, 10);

function partsOf(day: Day): [year: number, month: number, date: number] {
  const [year = NaN, month = NaN, date = NaN] = day.split('-').map(Number);
  return [year, month, date];
}
