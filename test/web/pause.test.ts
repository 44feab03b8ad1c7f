import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { pauseEnds } from '../../web/src/pause.js';

const ZONE = process.env['TZ'];
afterEach(() => {
  if (ZONE === undefined) delete process.env['TZ'];
  else process.env['TZ'] = ZONE;
});

const endsIn = (zone: string, now: string): (string | null)[] => {
  process.env['TZ'] = zone;
  return pauseEnds(undefined, Date.parse(now)).map(({ untilMs }) =>
    untilMs === null ? null : new Date(untilMs).toISOString(),
  );
};

test.each([
  ['Europe/Athens', '2026-11-29T10:00:00Z', '2026-11-29T22:00:00.000Z'],
  ['Europe/Athens', '2026-11-29T21:59:59.999Z', '2026-11-29T22:00:00.000Z'],
  ['Europe/Athens', '2026-11-29T22:00:00Z', '2026-11-30T22:00:00.000Z'],
  ['America/Los_Angeles', '2026-12-31T20:00:00Z', '2027-01-01T08:00:00.000Z'],
  // The day has 25 hours.
  ['Europe/Athens', '2026-10-24T21:00:00Z', '2026-10-25T22:00:00.000Z'],
  // The clock goes from 23:59:59 to 1:00.
  ['Africa/Cairo', '2026-04-23T20:00:00Z', '2026-04-23T22:00:00.000Z'],
])('in %s at %s tonight ends at %s', (zone, now, tonight) => {
  expect(endsIn(zone, now)).toEqual([new Date(Date.parse(now) + 3_600_000).toISOString(), tonight, null]);
});

test('every end lies in the future and is at most a day away, and the one that was chosen is shown as chosen', () => {
  const nowMs = fc.integer({ min: Date.UTC(2020), max: Date.UTC(2040) });
  const zone = fc.constantFrom('UTC', 'Africa/Cairo', 'Asia/Kathmandu', 'Pacific/Apia', 'America/St_Johns');
  fc.assert(
    fc.property(zone, nowMs, fc.integer({ min: 0, max: 2 }), (place, ms, choice) => {
      process.env['TZ'] = place;
      const ends = pauseEnds(undefined, ms);
      expect(ends.map(({ isChosen }) => isChosen)).toEqual([false, false, false]);
      for (const { untilMs } of ends) {
        if (untilMs === null) continue;
        expect(untilMs).toBeGreaterThan(ms);
        expect(untilMs).toBeLessThanOrEqual(ms + 25 * 3_600_000);
      }
      const chosen = ends[choice]?.untilMs ?? null;
      const shown = pauseEnds(chosen, ms).filter(({ isChosen }) => isChosen);
      expect(shown.map(({ untilMs }) => untilMs)).toEqual([chosen]);
    }),
  );
});
