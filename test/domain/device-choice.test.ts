import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chooseDevice,
  type DeviceSightings,
  type NamedUpdate,
  parseSightings,
} from '../../src/domain/device-choice.js';
import { travel } from '../support/sphere.js';

const HOME = { latitude: 48.2, longitude: 16.37 };
const TTL_MS = 600_000;
const STEADY_MS = 30_000;
const START_MS = Date.UTC(2026, 10, 22);

const at = (
  device: string,
  meters: number,
  atMs: number,
  accuracyMeters: number | null = null,
): NamedUpdate => ({
  ...travel(HOME, 90, meters),
  id: `${device}-${atMs}`,
  accuracyMeters,
  recordedAtMs: atMs,
  receivedAtMs: atMs,
  device,
});

/** A user's devices over time; answers which of them is shown after each report. */
function world(sightings: DeviceSightings = {}) {
  let holder: NamedUpdate | null = null;
  return {
    report(update: NamedUpdate): string {
      if (holder === null || holder.device === update.device) holder = update;
      else {
        const choice = chooseDevice(holder, update, sightings, update.receivedAtMs, TTL_MS);
        sightings = choice.sightings;
        if (choice.takesOver) holder = update;
      }
      return holder.device;
    },
    get sightings() {
      return sightings;
    },
  };
}

describe('a phone that moves and a tablet at home, which report alternately', () => {
  test.each([
    [1, 'phone'],
    [1_000, 'phone'],
    [30_000, 'phone'],
    [1_000, 'tablet'],
    [30_000, 'tablet'],
  ])('every %d ms, the %s first: the phone is shown once it has moved, and stays', (everyMs, first) => {
    const { report } = world();
    const shown: string[] = [];
    for (let step = 0; step < 40; step++) {
      const isPhone = (step % 2 === 0) === (first === 'phone');
      const atMs = START_MS + step * everyMs;
      // The tablet's fixes wander by a few metres.
      shown.push(report(isPhone ? at('phone', 1_000 + step * 60, atMs) : at('tablet', step % 7, atMs)));
    }
    const firstPhone = shown.indexOf('phone');
    expect(firstPhone).toBeLessThanOrEqual(3);
    expect(shown.slice(firstPhone)).not.toContain('tablet');
  });
});

test('two devices that lie still do not take turns', () => {
  const { report } = world();
  const shown = new Set<string>();
  for (let step = 0; step < 100; step++) {
    const device = step % 2 === 0 ? 'one' : 'two';
    const name = report(at(device, device === 'one' ? 0 : 5_000, START_MS + step * 10_000));
    if (step > 10) shown.add(name);
  }
  expect(shown.size).toBe(1);
});

test('a device that is opened elsewhere takes over from one that lies still, after a while', () => {
  const { report } = world();
  report(at('tablet', 0, START_MS));
  expect(report(at('phone', 5_000, START_MS + 60_000))).toBe('tablet');
  expect(report(at('phone', 5_000, START_MS + 60_000 + STEADY_MS))).toBe('phone');
  expect(report(at('tablet', 0, START_MS + 180_000))).toBe('phone');
});

test('the one that moves takes over from the one that has come to rest', () => {
  const { report } = world();
  report(at('phone', 0, START_MS));
  for (let step = 1; step <= 5; step++) {
    report(at('phone', step * 200, START_MS + step * 30_000));
    expect(report(at('car', 9_000, START_MS + step * 30_000 + 1))).toBe('phone');
  }
  expect(report(at('car', 9_200, START_MS + 300_000))).toBe('car');
});

test('a device that is switched off on the way gives way to one at rest after half the TTL', () => {
  const { report } = world();
  let atMs = START_MS;
  for (let step = 0; step < 5; step++) {
    report(at('phone', step * 200, (atMs += 60_000)));
    expect(report(at('tablet', 0, (atMs += 1)))).toBe('phone');
  }
  const offAtMs = atMs - 1;
  expect(report(at('tablet', 0, offAtMs + TTL_MS / 2))).toBe('phone');
  expect(report(at('tablet', 0, offAtMs + TTL_MS / 2 + 1))).toBe('tablet');
  // Switched on again, at rest, it waits until it has moved.
  expect(report(at('phone', 800, offAtMs + TTL_MS))).toBe('tablet');
  expect(report(at('phone', 1_200, offAtMs + TTL_MS + 1))).toBe('phone');
});

test('two devices at rest that report twice within the TTL do not take turns, however their reports fall', () => {
  const interval = fc.integer({ min: 1, max: TTL_MS / 2 });
  fc.assert(
    fc.property(interval, interval, fc.nat(TTL_MS / 2), (every, everyOther, offset) => {
      const reports = Array.from({ length: 40 }, (_, nth) => [
        at('one', 0, START_MS + nth * every),
        at('two', 5_000, START_MS + offset + nth * everyOther),
      ])
        .flat()
        .sort((a, b) => a.receivedAtMs - b.receivedAtMs);
      const { report } = world();
      const shown = reports.map(report);
      const untilMs = Math.min(every, everyOther) * 40 + START_MS;
      const both = shown.filter((_, index) => (reports[index]?.receivedAtMs ?? 0) < untilMs);
      const changes = both.filter((device, index) => index > 0 && device !== both[index - 1]).length;
      expect(changes).toBeLessThanOrEqual(1);
    }),
  );
});

test('what was seen by a clock that was ahead counts as seen now', () => {
  const ahead = { accuracyMeters: null, sinceMs: START_MS + TTL_MS, movedAtMs: START_MS + TTL_MS };
  const { report } = world({ phone: { ...ahead, ...travel(HOME, 90, 0) } });
  report(at('phone', 0, START_MS));
  expect(report(at('car', 9_000, START_MS + 1))).toBe('phone');
  expect(report(at('car', 9_200, START_MS + 1 + STEADY_MS))).toBe('car');
});

test('a move within the accuracy of a fix is none', () => {
  const { report } = world();
  report(at('phone', 0, START_MS));
  report(at('tablet', 5_000, START_MS + 1, 400));
  report(at('phone', 500, START_MS + 2));
  expect(report(at('tablet', 5_350, START_MS + 40_000, 20))).toBe('phone');
});

test('however devices report, their number here is bounded, and no device takes over twice without moving while the other is heard', () => {
  const reports = fc.array(
    fc.record({ device: fc.integer({ min: 0, max: 30 }), waitMs: fc.integer({ min: 0, max: 100_000 }) }),
    { minLength: 2, maxLength: 120 },
  );
  fc.assert(
    fc.property(reports, (all) => {
      const user = world();
      const takeovers = new Map<string, number>();
      let [atMs, shown, heardAtMs] = [START_MS, '', 0];
      for (const { device, waitMs } of all) {
        atMs += waitMs;
        // Every device lies still, each somewhere else.
        const name = user.report(at(`d${device}`, device * 1_000, atMs));
        const isTakeover = name !== shown && shown !== '' && atMs - heardAtMs <= TTL_MS / 2;
        if (isTakeover) takeovers.set(name, (takeovers.get(name) ?? 0) + 1);
        if (name === `d${device}`) heardAtMs = atMs;
        shown = name;
        expect(Object.keys(user.sightings).length).toBeLessThanOrEqual(8);
      }
      if (new Set(all.map(({ device }) => device)).size <= 8) {
        for (const count of takeovers.values()) expect(count).toBe(1);
      }
    }),
  );
});

test('what was kept of devices is read as it was; what is none is left out, also from the future', () => {
  const place = { latitude: 1, longitude: 2, accuracyMeters: null, sinceMs: START_MS, movedAtMs: 0 };
  const kept = { '0123456789ab': place, ba9876543210: { ...place, accuracyMeters: 5 } };
  expect(parseSightings(JSON.parse(JSON.stringify(kept)), START_MS)).toEqual(kept);
  const foreign = {
    phone: place,
    '0000000000aa': null,
    '0000000000ab': { ...place, latitude: 91 },
    '0000000000ac': { ...place, accuracyMeters: -1 },
    '0000000000ad': { ...place, movedAtMs: START_MS + 4_001 },
    '0000000000ae': { ...place, sinceMs: 'yesterday' },
  };
  expect(parseSightings({ ...kept, ...foreign }, START_MS)).toEqual(kept);
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(parseSightings(json, START_MS) ?? {}).toEqual({});
    }),
  );
});
