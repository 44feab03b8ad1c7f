import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { dateOf, dayFrom, dayOf, secondsLeft, textOf } from '../../../src/adapters/cassandra/days.js';

const ZONE = process.env['TZ'];
afterEach(() => {
  if (ZONE === undefined) delete process.env['TZ'];
  else process.env['TZ'] = ZONE;
});

test.each(['UTC', 'America/Los_Angeles', 'Pacific/Kiritimati'])(
  'with a machine in %s a day is one of UTC',
  (zone) => {
    process.env['TZ'] = zone;
    const day = dayOf(Date.UTC(2026, 10, 30));
    expect([dateOf(day).toString(), textOf(day)]).toEqual(['2026-11-30', '2026-11-30']);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_900_000 }), (any) => {
        expect(dayFrom(dateOf(any))).toBe(any);
      }),
    );
  },
);

test('nothing is to expire after Cassandra’s last second, nor to stay for ever', () => {
  const nowMs = Date.UTC(2026, 10, 30);
  const endOf = (day: number, retentionDays: number) =>
    new Date(nowMs + secondsLeft(day, retentionDays, nowMs) * 1_000);
  expect(endOf(dayOf(nowMs), 90)).toEqual(new Date(Date.UTC(2027, 2, 1)));
  expect(endOf(dayOf(Date.UTC(2037, 0, 1)), 3_650)).toEqual(new Date(Date.UTC(2038, 0, 18)));
  expect(secondsLeft(0, 90, nowMs)).toBe(1);
});
