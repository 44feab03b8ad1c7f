import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { dayAfter, dayOf, rangeOf, startOf } from '../../web/src/local-day.js';

const ZONE = process.env['TZ'];
afterEach(() => {
  if (ZONE === undefined) delete process.env['TZ'];
  else process.env['TZ'] = ZONE;
});

test.each([
  ['UTC', '2026-11-29', '2026-11-29T00:00:00.000Z', 24],
  ['Europe/Dublin', '2026-03-29', '2026-03-29T00:00:00.000Z', 23],
  ['Europe/Dublin', '2026-10-25', '2026-10-24T23:00:00.000Z', 25],
  // The clock goes from 23:59:59 to 1:00.
  ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z', 23],
  // The clock goes from 0:59:59 to 0:00.
  ['America/Havana', '2026-11-01', '2026-11-01T04:00:00.000Z', 25],
  // Half an hour.
  ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00.000Z', 24.5],
  ['Asia/Kathmandu', '2028-02-29', '2028-02-28T18:15:00.000Z', 24],
])('in %s the %s starts at %s and has %d hours', (zone, day, start, hours) => {
  process.env['TZ'] = zone;
  const { from, to } = rangeOf(day, day);
  expect(from).toBe(start);
  expect(Date.parse(to ?? '') - Date.parse(from ?? '')).toBe(hours * 3_600_000);
});

test('a range without a day is open on that side', () => {
  expect(rangeOf(null, null)).toEqual({ from: null, to: null });
});

test('every instant is in its day, which begins where the day before ends', () => {
  const zone = fc.constantFrom('UTC', 'Africa/Cairo', 'America/Havana', 'Asia/Kathmandu', 'America/Santiago');
  const instant = fc.integer({ min: Date.UTC(2020), max: Date.UTC(2040) });
  fc.assert(
    fc.property(zone, instant, (place, ms) => {
      process.env['TZ'] = place;
      const day = dayOf(ms);
      const [start, end] = [startOf(day), startOf(dayAfter(day, 1))];
      expect(start <= ms && ms < end).toBe(true);
      expect([dayOf(start), dayOf(end - 1), dayOf(start - 1)]).toEqual([day, day, dayAfter(day, -1)]);
    }),
  );
});
