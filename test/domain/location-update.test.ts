import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fromRecord,
  isNewer,
  type LocationUpdate,
  newestAfter,
  SERVER_CLOCKS_DIFFER_MS,
  toRecord,
} from '../../src/domain/location-update.js';
import type { Motion } from '../../src/domain/motion.js';
import { roundDegrees } from '../../src/domain/rounding.js';

const NOW_MS = Date.UTC(2026, 10, 28);
const DAY_MS = 86_400_000;
const time = fc.integer({ min: 0, max: NOW_MS });
/** JSON knows no negative zero, and neither does a place. */
const degrees = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true }).map(roundDegrees);

const update: fc.Arbitrary<LocationUpdate> = fc
  .record({
    id: fc.uuid(),
    latitude: degrees(90),
    longitude: degrees(180),
    accuracyMeters: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true })),
    recordedAtMs: time,
    receivedAtMs: fc.integer({ min: NOW_MS - 2 * DAY_MS, max: NOW_MS + 4_000 }),
  })
  .filter(({ recordedAtMs, receivedAtMs }) => recordedAtMs <= receivedAtMs);

const motion = fc.constantFrom<Motion>(
  {},
  { speedMetersPerSecond: 1.4 },
  { headingDegrees: 271.125 },
  { speedMetersPerSecond: 0, headingDegrees: 0 },
);

const read = (record: unknown): LocationUpdate | null => fromRecord(record, NOW_MS);

/** Updates whose times and ids tie now and then. */
const tyingUpdates = fc.array(
  fc.record<LocationUpdate>({
    id: fc.constantFrom('0a', '0b', '0c', 'a0'),
    latitude: fc.constant(0),
    longitude: fc.constant(0),
    accuracyMeters: fc.constant(null),
    recordedAtMs: fc.integer({ min: 9, max: 11 }),
    receivedAtMs: time,
  }),
  { minLength: 3, maxLength: 3 },
);

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const DEVICE = '0123456789ab';

/** As the release before wrote it. */
function unversioned(value: LocationUpdate): unknown[] {
  const { recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters, traceparent, device } = value;
  const record = [recordedAtMs, id, receivedAtMs, latitude, longitude, accuracyMeters];
  if (device !== undefined) return [...record, traceparent ?? null, device];
  return traceparent === undefined ? record : [...record, traceparent];
}

/** What the release before read of a record's end. */
function readBefore(record: readonly unknown[]): { traceparent: boolean; device: boolean } {
  const [, , , , , , traceparent, device] = record;
  return { traceparent: traceparent === TRACEPARENT, device: device === DEVICE };
}

test('an update crosses servers unchanged, with and without its span and its device, from the release before too', () => {
  fc.assert(
    fc.property(update, motion, fc.boolean(), fc.boolean(), (bare, moving, isTraced, isNamed) => {
      const still: LocationUpdate = {
        ...bare,
        ...(isTraced && { traceparent: TRACEPARENT }),
        ...(isNamed && { device: DEVICE }),
      };
      const value = { ...still, ...moving };
      for (const [record, expected] of [
        [toRecord(value), value],
        [unversioned(value), still],
      ] as const) {
        expect(read(record)).toEqual(expected);
        expect(read(JSON.parse(JSON.stringify(record)))).toEqual(expected);
      }
    }),
  );
});

test('the release before reads the place and the device of what this one writes', () => {
  const [bare] = fc.sample(update, 1) as [LocationUpdate];
  expect(toRecord(bare).slice(0, 6)).toEqual(unversioned(bare));
  const moving = { ...bare, speedMetersPerSecond: 1.4, headingDegrees: 87.5 };
  expect(readBefore(toRecord(moving))).toEqual({ traceparent: false, device: false });
  for (const named of [bare, moving])
    expect(readBefore(toRecord({ ...named, device: DEVICE }))).toEqual({ traceparent: false, device: true });
  // Its script finds the device at the end.
  for (const named of [
    { ...bare, device: DEVICE },
    { ...bare, device: DEVICE, traceparent: TRACEPARENT },
    { ...moving, device: DEVICE },
  ])
    expect(JSON.stringify(toRecord(named))).toMatch(new RegExp(`,"${DEVICE}"\\]$`));
});

test('other text at the end of a record is passed over', () => {
  const [value] = fc.sample(update, 1) as [LocationUpdate];
  for (const other of ['', `${TRACEPARENT}0`, `01${TRACEPARENT.slice(2)}`, 'phone', '0123456789AB', null, 7])
    expect(read([...toRecord(value), other])).toEqual(value);
});

test('a record starts with its order, as the script in Redis reads it', () => {
  fc.assert(
    fc.property(update, (value) => {
      const [, recordedAtMs, id] = /^\[(\d+),"([^"]+)"/.exec(JSON.stringify(toRecord(value))) ?? [];
      expect([Number(recordedAtMs), id]).toEqual([value.recordedAtMs, value.id]);
    }),
  );
});

test('no JSON is read that is no record, and what is read can be shown', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(read(json)).toBeNull();
    }),
  );
  const odd = fc.oneof(fc.jsonValue(), fc.double(), fc.constantFrom(undefined, Infinity, -0.5, '', 1e300));
  fc.assert(
    fc.property(update, fc.nat(8), odd, (value, place, wrong) => {
      const record: unknown[] = [...toRecord({ ...value, traceparent: TRACEPARENT, device: DEVICE })];
      record[place] = wrong;
      const found = read(record);
      if (found === null) return;
      expect(Math.abs(found.latitude)).toBeLessThanOrEqual(90);
      expect(Math.abs(found.longitude)).toBeLessThanOrEqual(180);
      if (found.accuracyMeters !== null) expect(found.accuracyMeters).toBeGreaterThanOrEqual(0);
      expect(found.recordedAtMs).toBeLessThanOrEqual(found.receivedAtMs);
      expect(found.receivedAtMs).toBeLessThanOrEqual(NOW_MS + 4_000);
      expect(new Date(found.recordedAtMs).toISOString()).toMatch(/^\d{4}-/);
    }),
  );
});

test.each<[what: string, place: number, value: unknown]>([
  ['another version', 6, 2],
  ['a version that is none', 6, true],
  ['an id that is none', 1, 'a'],
  ['an id in upper case', 1, '018F2A50-1111-7222-8333-ABCDEFABCDEF'],
  ['a latitude past the pole', 3, 90.000001],
  ['a longitude past the meridian', 4, -180.000001],
  ['an accuracy below 0', 5, -5],
  ['an accuracy without end', 5, Infinity],
  ['a fix before 1970', 0, -1],
  ['a fix after its receipt', 0, NOW_MS + 1],
  ['a receipt from the future', 2, NOW_MS + 60_001],
  ['a receipt of long ago', 2, NOW_MS - 2 * DAY_MS - 1],
  ['a fraction of a millisecond', 2, NOW_MS - 0.5],
])('a record with %s is none', (_what, place, value) => {
  const right = toRecord({
    id: '018f2a50-1111-7222-8333-abcdefabcdef',
    latitude: 1,
    longitude: 2,
    accuracyMeters: null,
    recordedAtMs: NOW_MS - 3 * DAY_MS,
    receivedAtMs: NOW_MS,
  });
  expect(read(right)).not.toBeNull();
  expect(read(right.with(place, value as never))).toBeNull();
});

test('a record that is a little ahead counts as now, so that the next one is newer', () => {
  const [value] = fc.sample(update, 1) as [LocationUpdate];
  const ahead = (ms: number) => toRecord({ ...value, recordedAtMs: NOW_MS + ms, receivedAtMs: NOW_MS + ms });
  expect(read(ahead(4_000))).toMatchObject({ recordedAtMs: NOW_MS + 4_000, receivedAtMs: NOW_MS + 4_000 });
  for (const ms of [4_001, 60_000])
    expect(read(ahead(ms))).toMatchObject({ recordedAtMs: NOW_MS, receivedAtMs: NOW_MS });
});

test('isNewer is a strict total order over (recordedAt, id)', () => {
  fc.assert(
    fc.property(tyingUpdates, ([a, b, c]) => {
      if (a === undefined || b === undefined || c === undefined) throw new Error('three updates');
      expect(isNewer(a, a)).toBe(false);
      const same = a.recordedAtMs === b.recordedAtMs && a.id === b.id;
      expect(Number(isNewer(a, b)) + Number(isNewer(b, a))).toBe(same ? 0 : 1);
      if (isNewer(a, b) && isNewer(b, c)) expect(isNewer(a, c)).toBe(true);
      if (a.recordedAtMs !== b.recordedAtMs) expect(isNewer(a, b)).toBe(a.recordedAtMs > b.recordedAtMs);
    }),
    { numRuns: 1_000 },
  );
});

test('an update replaces an older one, and the same one when it was heard of again', () => {
  fc.assert(
    fc.property(tyingUpdates, ([a, b]) => {
      if (a === undefined || b === undefined) throw new Error('two updates');
      const nowMs = Math.max(a.recordedAtMs, b.recordedAtMs);
      if (a.id !== b.id) expect(newestAfter(a, b, nowMs)).toBe(isNewer(a, b) ? a : b);
      expect(newestAfter({ ...a }, a, nowMs)).toBe(a);
      const again = { ...a, receivedAtMs: a.receivedAtMs - 1 };
      expect(newestAfter(again, a, nowMs)).toBe(again);
    }),
  );
});

test('what is known from the future gives way to everything but itself', () => {
  const [known, older] = fc.sample(update, 2) as [LocationUpdate, LocationUpdate];
  const future = { ...known, id: 'f', recordedAtMs: SERVER_CLOCKS_DIFFER_MS + 1 };
  const past = { ...older, id: 'a', recordedAtMs: -1 };
  expect(newestAfter(past, future, 0)).toBe(past);
  expect(newestAfter({ ...future }, future, 0)).toBe(future);
  expect(newestAfter(past, future, 1)).toBe(future);
});

test('an older sign of life renews what is known of the same device, and takes the place of another one’s', () => {
  const [one, other] = fc.sample(update, 2) as [LocationUpdate, LocationUpdate];
  const known = { ...one, id: 'b', device: '0123456789ab', recordedAtMs: 5_000, receivedAtMs: 6_000 };
  const older = { ...other, id: 'a', device: known.device, recordedAtMs: 4_000, receivedAtMs: 7_000 };
  const sign = { ...older, stillHere: true } as const;
  const { device: _, ...unnamed } = sign;
  for (const each of [sign, unnamed]) {
    expect(newestAfter(each, known, 8_000)).toEqual({ ...known, receivedAtMs: 7_000 });
    expect(newestAfter({ ...each, receivedAtMs: 6_000 }, known, 8_000)).toBe(known);
  }
  const elsewhere = { ...sign, device: 'ba9876543210' };
  expect(newestAfter(elsewhere, known, 8_000)).toBe(elsewhere);
  expect(newestAfter({ ...sign, recordedAtMs: 5_001 }, known, 8_000)).toMatchObject({ recordedAtMs: 5_001 });
  expect(newestAfter(older, known, 8_000)).toBe(known);
});
