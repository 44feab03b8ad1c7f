import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DomainError } from '../../src/domain/errors.js';
import { MAX_CLOCK_LEAD_MS, parsePosition, type PositionInput } from '../../src/domain/position.js';
import {
  MAX_LEAVE_MARGIN_METERS,
  MAX_RADIUS_METERS,
  parseLeaveMargin,
  parseRadius,
} from '../../src/domain/radius.js';

const NOW_MS = Date.UTC(2026, 10, 22);
const OLDEST_MS = NOW_MS - 90 * 86_400_000;
const ATHENS = { latitude: 37.98, longitude: 23.73 };

const parse = (input: Partial<PositionInput>) => parsePosition({ ...ATHENS, ...input }, NOW_MS, OLDEST_MS);

function refusal(action: () => unknown): DomainError {
  try {
    action();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('parsePosition', () => {
  test('takes a place without anything else as of now', () => {
    expect(parse({})).toEqual({
      ...ATHENS,
      accuracyMeters: null,
      motion: {},
      recordedAtMs: NOW_MS,
      reportedAtMs: null,
      clientId: null,
      device: null,
      stillHere: false,
    });
  });

  test('takes null for what is left out', () => {
    expect(
      parse({ accuracyMeters: null, recordedAtMs: null, id: null, device: null, stillHere: null }),
    ).toEqual(parse({}));
  });

  test('keeps what the client says, its id in lower case', () => {
    const id = '018F2A50-1111-7222-8333-ABCDEFABCDEF';
    const device = { device: 'phone', stillHere: true };
    expect(parse({ accuracyMeters: 12.5, recordedAtMs: NOW_MS - 5_000, id, ...device })).toEqual({
      ...device,
      ...ATHENS,
      accuracyMeters: 12.5,
      motion: {},
      recordedAtMs: NOW_MS - 5_000,
      reportedAtMs: NOW_MS - 5_000,
      clientId: id.toLowerCase(),
    });
  });

  test.each([90, -90])('takes latitude %d', (latitude) => {
    expect(parse({ latitude }).latitude).toBe(latitude);
  });

  test.each([180, -180])('takes longitude %d', (longitude) => {
    expect(parse({ longitude }).longitude).toBe(longitude);
  });

  test('a clock up to a minute ahead counts as now, and is remembered as it was reported', () => {
    for (const lead of [1, MAX_CLOCK_LEAD_MS]) {
      const { recordedAtMs, reportedAtMs } = parse({ recordedAtMs: NOW_MS + lead });
      expect({ recordedAtMs, reportedAtMs }).toEqual({ recordedAtMs: NOW_MS, reportedAtMs: NOW_MS + lead });
    }
  });

  test('the oldest instant that the history keeps is taken', () => {
    expect(parse({ recordedAtMs: OLDEST_MS }).recordedAtMs).toBe(OLDEST_MS);
  });

  test('a device that is still there may have been there for longer than the history is kept', () => {
    const recordedAtMs = OLDEST_MS - 1;
    expect(parse({ recordedAtMs, stillHere: true })).toMatchObject({ recordedAtMs, stillHere: true });
  });

  test.each<[string, Partial<PositionInput>]>([
    ['latitude', { latitude: 90.000001 }],
    ['latitude', { latitude: -91 }],
    ['latitude', { latitude: NaN }],
    ['latitude', { latitude: Infinity }],
    ['longitude', { longitude: 180.1 }],
    ['longitude', { longitude: -Infinity }],
    ['longitude', { longitude: NaN }],
    ['accuracyMeters', { accuracyMeters: -0.1 }],
    ['accuracyMeters', { accuracyMeters: NaN }],
    ['accuracyMeters', { accuracyMeters: Infinity }],
    ['recordedAt', { recordedAtMs: NOW_MS + MAX_CLOCK_LEAD_MS + 1 }],
    ['recordedAt', { recordedAtMs: OLDEST_MS - 1 }],
    ['recordedAt', { recordedAtMs: NaN }],
    ['recordedAt', { recordedAtMs: -Infinity }],
    ['device', { device: '' }],
    ['device', { device: 'x'.repeat(65) }],
    ['stillHere', { stillHere: true }],
    ['recordedAt', { recordedAtMs: -1, stillHere: true }],
    ['UUID', { id: '' }],
    ['UUID', { id: 'not-a-uuid' }],
    ['UUID', { id: '018f2a50-1111-7222-8333-abcdefabcdef\n' }],
    ['UUID', { id: '{018f2a50-1111-7222-8333-abcdefabcdef}' }],
  ])('refuses a wrong %s: %o', (name, input) => {
    const error = refusal(() => parse(input));
    expect(error.kind).toBe('invalid');
    expect(error.message).toContain(name);
  });

  test('what is taken is always within its limits; a refusal never repeats a number', () => {
    const number = fc.oneof(fc.double(), fc.double({ min: -200, max: 200 }));
    const instant = fc.oneof(fc.integer({ min: OLDEST_MS - 1_000, max: NOW_MS + 100_000 }), fc.double());
    fc.assert(
      fc.property(
        number,
        number,
        fc.option(number),
        fc.option(instant),
        (latitude, longitude, accuracy, at) => {
          const input = { latitude, longitude, accuracyMeters: accuracy, recordedAtMs: at };
          let position;
          try {
            position = parsePosition(input, NOW_MS, OLDEST_MS);
          } catch (error) {
            if (!(error instanceof DomainError)) throw error;
            expect(error.message).not.toMatch(/\d{4}|\d\.\d|\de/);
            return;
          }
          expect(Math.abs(position.latitude)).toBeLessThanOrEqual(90);
          expect(Math.abs(position.longitude)).toBeLessThanOrEqual(180);
          expect(position.accuracyMeters ?? 0).toBeGreaterThanOrEqual(0);
          expect(position.recordedAtMs).toBeGreaterThanOrEqual(OLDEST_MS);
          expect(position.recordedAtMs).toBeLessThanOrEqual(NOW_MS);
        },
      ),
    );
  });
});

describe('parseRadius', () => {
  test.each([Number.MIN_VALUE, 1, 8046.72, MAX_RADIUS_METERS])('takes %d', (radius) => {
    expect(parseRadius(radius)).toBe(radius);
  });

  test.each([0, -0, -1, NaN, Infinity, -Infinity, MAX_RADIUS_METERS + 0.001])('refuses %d', (radius) => {
    expect(refusal(() => parseRadius(radius))).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('radiusMeters') as string,
    });
  });
});

describe('parseLeaveMargin', () => {
  test.each([0, 0.5, MAX_LEAVE_MARGIN_METERS])('takes %d', (margin) => {
    expect(parseLeaveMargin(margin)).toBe(margin);
  });

  test.each([-0.001, NaN, Infinity, MAX_LEAVE_MARGIN_METERS + 0.001])('refuses %d', (margin) => {
    expect(refusal(() => parseLeaveMargin(margin))).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('leaveMarginMeters') as string,
    });
  });
});
