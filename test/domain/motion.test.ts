import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DomainError } from '../../src/domain/errors.js';
import { motionText, parseMotion, parseMotionText } from '../../src/domain/motion.js';

const speed = fc.option(fc.double({ min: 0, max: 10_000, noNaN: true }), { nil: undefined });
const heading = fc.option(fc.double({ min: 0, max: 360, noNaN: true }), { nil: undefined });
const motion = fc.record({ speedMetersPerSecond: speed, headingDegrees: heading }).map(parseMotion);

describe('what a device says', () => {
  test('is taken with 3 decimals, and the full circle is north', () => {
    expect(parseMotion({ speedMetersPerSecond: 1.38888, headingDegrees: 271.5 })).toEqual({
      speedMetersPerSecond: 1.389,
      headingDegrees: 271.5,
    });
    for (const north of [0, -0, 360, 359.9999, 0.0001])
      expect(parseMotion({ headingDegrees: north })).toStrictEqual({ headingDegrees: 0 });
    expect(parseMotion({ speedMetersPerSecond: 0 })).toStrictEqual({ speedMetersPerSecond: 0 });
  });

  test.each([undefined, null, NaN, -1, -0.001, -Infinity])('%s is not known', (value) => {
    expect(parseMotion({ speedMetersPerSecond: value, headingDegrees: value })).toStrictEqual({});
  });

  test.each([
    { speedMetersPerSecond: 10_000.1 },
    { speedMetersPerSecond: Infinity },
    { headingDegrees: 360.1 },
    { headingDegrees: Infinity },
  ])('%o is refused by its name', (input) => {
    expect(() => parseMotion(input)).toThrow(DomainError);
    expect(() => parseMotion(input)).toThrow(Object.keys(input)[0]);
  });
});

test('the text is read as it was written, and a float of 4 bytes keeps both', () => {
  fc.assert(
    fc.property(motion, (value) => {
      const text = motionText(value);
      expect(text === undefined ? {} : parseMotionText(text)).toEqual(value);
      for (const number of Object.values(value))
        expect(Number(Math.fround(number as number).toPrecision(7))).toBe(number);
    }),
    { numRuns: 1_000 },
  );
});

test.each(['', '@', '1', '1.4', '-1@', '1@-1', '1e3@', '1.4@87.5 ', '1@2@3', 'NaN@'])(
  '%j is no motion',
  (text) => {
    expect(parseMotionText(text)).toBeNull();
  },
);

test('what is out of range in a text is left out', () => {
  expect(parseMotionText('10001@361')).toEqual({});
  expect(parseMotionText('10001@360')).toEqual({ headingDegrees: 0 });
});
