import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fromRecord,
  isNewer,
  type LocationUpdate,
  replaces,
  SERVER_CLOCKS_DIFFER_MS,
  toRecord,
} from '../../src/domain/location-update.js';

const time = fc.integer({ min: 0, max: 8.64e15 });
/** JSON knows no negative zero, and neither does a place. */
const degrees = (limit: number) =>
  fc.double({ min: -limit, max: limit, noNaN: true }).map((value) => value + 0);

const update = fc.record<LocationUpdate>({
  id: fc.uuid(),
  latitude: degrees(90),
  longitude: degrees(180),
  accuracyMeters: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true })),
  recordedAtMs: time,
  receivedAtMs: time,
});

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

test('an update crosses servers unchanged, as an array and as JSON', () => {
  fc.assert(
    fc.property(update, (value) => {
      expect(fromRecord(toRecord(value))).toEqual(value);
      expect(fromRecord(JSON.parse(JSON.stringify(toRecord(value))))).toEqual(value);
    }),
  );
});

test('the span that follows an update crosses with it, at the end; other text there is passed over', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  fc.assert(
    fc.property(update, (value) => {
      const record = toRecord({ ...value, traceparent });
      expect(record).toEqual([...toRecord(value), traceparent]);
      expect(fromRecord(JSON.parse(JSON.stringify(record)))).toEqual({ ...value, traceparent });
      for (const other of ['', `${traceparent}0`, `01${traceparent.slice(2)}`, null, 7])
        expect(fromRecord([...toRecord(value), other])).toEqual(value);
    }),
  );
});

test('a record starts with its order, as the script in Redis reads it', () => {
  fc.assert(
    fc.property(update, (value) => {
      const [, recordedAtMs, id] = /^\[(\d+),"([^"]+)"/.exec(JSON.stringify(toRecord(value))) ?? [];
      expect([Number(recordedAtMs), id]).toEqual([value.recordedAtMs, value.id]);
    }),
  );
});

test('a longer record of a later version is read, what is not a record is passed over', () => {
  const value: LocationUpdate = {
    id: 'a',
    latitude: 1,
    longitude: 2,
    accuracyMeters: null,
    recordedAtMs: 3,
    receivedAtMs: 4,
  };
  expect(fromRecord([...toRecord(value), 'more'])).toEqual(value);
  // Six values of the right types in a row are a record, which chance finds now and then.
  const noRecord = fc.jsonValue().filter((json) => !Array.isArray(json) || typeof json[1] !== 'string');
  fc.assert(
    fc.property(noRecord, (json) => {
      expect(fromRecord(json)).toBeNull();
    }),
  );
  fc.assert(
    fc.property(fc.nat(5), fc.constantFrom(undefined, {}, [], true), (place, wrong) => {
      expect(fromRecord(toRecord(value).map((part, index) => (index === place ? wrong : part)))).toBeNull();
    }),
  );
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

test('the device crosses with the update, with and without a span; other text there is passed over', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  fc.assert(
    fc.property(update, fc.boolean(), (value, isTraced) => {
      const named = { ...value, device: '0123456789ab', ...(isTraced && { traceparent }) };
      expect(fromRecord(JSON.parse(JSON.stringify(toRecord(named))))).toEqual(named);
      for (const other of ['', 'phone', '0123456789abc', '0123456789AB', null, 7])
        expect(fromRecord([...toRecord(value), null, other])).toEqual(value);
    }),
  );
});

test('an update replaces an older one, and the same one when it was heard of again', () => {
  fc.assert(
    fc.property(tyingUpdates, ([a, b]) => {
      if (a === undefined || b === undefined) throw new Error('two updates');
      const nowMs = Math.max(a.recordedAtMs, b.recordedAtMs);
      if (a.id !== b.id) expect(replaces(a, b, nowMs)).toBe(isNewer(a, b));
      expect(replaces(a, { ...a }, nowMs)).toBe(false);
      expect(replaces({ ...a, receivedAtMs: a.receivedAtMs - 1 }, a, nowMs)).toBe(true);
    }),
  );
});

test('what is known from the future gives way to everything but itself', () => {
  const [known, older] = fc.sample(update, 2) as [LocationUpdate, LocationUpdate];
  const future = { ...known, id: 'f', recordedAtMs: SERVER_CLOCKS_DIFFER_MS + 1 };
  expect(replaces({ ...older, id: 'a', recordedAtMs: -1 }, future, 0)).toBe(true);
  expect(replaces({ ...future }, future, 0)).toBe(false);
  expect(replaces({ ...older, id: 'a', recordedAtMs: -1 }, future, 1)).toBe(false);
});
