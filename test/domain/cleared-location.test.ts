import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clearedAtIn, isBefore, toClearing } from '../../src/domain/cleared-location.js';
import { fromRecord, type LocationUpdate, toRecord } from '../../src/domain/location-update.js';
import { uuidOf } from '../support/uuid.js';

const NOW_MS = Date.UTC(2026, 10, 28);

const update = (recordedAtMs: number, receivedAtMs: number): LocationUpdate => ({
  id: uuidOf('update'),
  latitude: 1,
  longitude: 2,
  accuracyMeters: null,
  recordedAtMs,
  receivedAtMs,
});

test.each([
  ['received and taken later', 11, 12, false, false],
  ['received later, taken before', 10, 12, false, true],
  ['received later, taken before, and still there', 1, 11, true, false],
  ['received before', 5, 10, false, true],
  ['received before, and still there', 5, 10, true, true],
] as const)('what is %s is on its way or not', (_name, recordedAtMs, receivedAtMs, isThere, isOnItsWay) => {
  const one = update(recordedAtMs, receivedAtMs);
  expect(isBefore(isThere ? { ...one, stillHere: true } : one, 10)).toBe(isOnItsWay);
});

test('a clearing crosses servers, is no location, and no location is one', () => {
  const clearing: unknown = JSON.parse(JSON.stringify(toClearing(NOW_MS)));
  expect(clearedAtIn(clearing, NOW_MS)).toBe(NOW_MS);
  expect(fromRecord(clearing, NOW_MS)).toBeNull();
  expect(clearedAtIn(toRecord(update(NOW_MS, NOW_MS)), NOW_MS)).toBeNull();
});

test('no JSON is read that is no clearing, or one of a time to come', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(clearedAtIn(json, NOW_MS)).toBeNull();
      expect(clearedAtIn([json, 'cleared'], NOW_MS)).toBe(
        Number.isSafeInteger(json) && Number(json) >= 0 && Number(json) <= NOW_MS ? json : null,
      );
    }),
  );
  expect(clearedAtIn(toClearing(NOW_MS + 3_600_000), NOW_MS)).toBeNull();
  expect(clearedAtIn([NOW_MS, 'cleared', 1], NOW_MS)).toBeNull();
});
