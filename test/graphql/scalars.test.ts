import fc from 'fast-check';
import { GraphQLError, type GraphQLScalarType, parseValue } from 'graphql';
import { describe, expect, test } from 'vitest';
import { DateTimeScalar, LatitudeScalar, LongitudeScalar } from '../../src/graphql/scalars.js';

/** The value as a variable and as a literal, which must agree. */
function read<T>(scalar: GraphQLScalarType<T, unknown>, value: unknown, literal = JSON.stringify(value)): T {
  const parsed = scalar.parseValue(value);
  expect(scalar.parseLiteral(parseValue(literal))).toEqual(parsed);
  return parsed;
}

function refusals(
  scalar: GraphQLScalarType<unknown, unknown>,
  value: unknown,
  literal?: string,
): GraphQLError[] {
  const attempts = [() => scalar.parseValue(value)];
  if (literal !== undefined) attempts.push(() => scalar.parseLiteral(parseValue(literal)));
  return attempts.map((attempt) => {
    try {
      attempt();
    } catch (error) {
      if (error instanceof GraphQLError) return error;
      throw error;
    }
    throw new Error(`${String(value)} was taken`);
  });
}

describe.each([
  ['Latitude', LatitudeScalar, 90],
  ['Longitude', LongitudeScalar, 180],
] as const)('%s', (name, scalar, limit) => {
  test('takes every number within its limits, as it is', () => {
    fc.assert(
      fc.property(fc.double({ min: -limit, max: limit, noNaN: true }), (value) => {
        expect(scalar.parseValue(value)).toBe(value);
        expect(scalar.serialize(value)).toBe(value);
      }),
    );
    for (const value of [0, limit, -limit, 12, 0.1, -1.5e-7]) expect(read(scalar, value)).toBe(value);
  });

  test.each<[unknown, string?]>([
    [limit + 1e-9, String(limit + 1e-9)],
    [-limit - 1, String(-limit - 1)],
    [NaN, 'NaN'],
    [Infinity, '1e400'],
    [-Infinity, '-1e400'],
    ['12', '"12"'],
    [true, 'true'],
    [[1], '[1]'],
    [{}, '{}'],
    [null],
    [undefined],
    [12n],
  ])('refuses %s', (value, literal) => {
    for (const error of refusals(scalar, value, literal)) {
      expect(error.message).toBe(`${name} must be a number from ${-limit} to ${limit}.`);
      expect(error.extensions['code']).toBe('BAD_USER_INPUT');
    }
  });
});

describe('DateTime', () => {
  test('crosses the wire unchanged, to the millisecond', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
        (date) => {
          const text = DateTimeScalar.serialize(date.getTime());
          expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
          expect(read(DateTimeScalar, text)).toBe(date.getTime());
        },
      ),
    );
  });

  test.each([
    ['2026-11-22T05:17:57.123Z', Date.UTC(2026, 10, 22, 5, 17, 57, 123)],
    ['2026-11-22T05:17:57Z', Date.UTC(2026, 10, 22, 5, 17, 57)],
    ['2026-11-22t05:17:57.1z', Date.UTC(2026, 10, 22, 5, 17, 57, 100)],
    ['2026-11-22T05:17:57.123999999Z', Date.UTC(2026, 10, 22, 5, 17, 57, 123)],
    ['2026-11-22T07:17:57.123+02:00', Date.UTC(2026, 10, 22, 5, 17, 57, 123)],
    ['2026-11-21T23:47:57-05:30', Date.UTC(2026, 10, 22, 5, 17, 57)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2000-02-29T23:59:59.999Z', Date.UTC(2000, 1, 29, 23, 59, 59, 999)],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000],
    ['0004-02-29T00:00:00Z', -62_035_891_200_000],
    ['9999-12-31T23:59:59.999Z', 253_402_300_799_999],
    ['9999-12-31T23:59:59+00:01', 253_402_300_739_000],
  ])('reads %s', (text, ms) => {
    expect(read(DateTimeScalar, text)).toBe(ms);
  });

  test.each([
    '',
    'yesterday',
    '2026-11-22',
    '2026-11-22T05:17Z',
    '2026-11-22T05:17:57',
    '2026-11-22 05:17:57Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-11-00T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T23:60:00Z',
    '2026-11-22T23:59:61Z',
    '2026-11-22T05:17:57+24:00',
    '2026-11-22T05:17:57+02:60',
    '2026-11-22T05:17:57.Z',
    '2026-11-22T05:17:57.1234567890Z',
    '+002026-11-22T05:17:57Z',
    ' 2026-11-22T05:17:57Z',
    '2026-11-22T05:17:57Z\n',
    '٢٠٢٦-11-22T05:17:57Z',
    '0000-01-01T00:00:00Z',
    '0000-02-29T00:00:00Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-23:59',
    '9999-12-31T23:59:59.999999999-00:01',
  ])('refuses %j', (text) => {
    for (const error of refusals(DateTimeScalar, text, JSON.stringify(text))) {
      expect(error.message).toBe('DateTime must be an instant like 2026-11-22T05:17:57.123Z.');
      expect(error.extensions['code']).toBe('BAD_USER_INPUT');
    }
  });

  test.each<[unknown, string]>([
    [1_763_788_677_123, '1763788677123'],
    [true, 'true'],
    [['2026-11-22T05:17:57Z'], '["2026-11-22T05:17:57Z"]'],
  ])('refuses %s, which is no text', (value, literal) => {
    expect(refusals(DateTimeScalar, value, literal)).toHaveLength(2);
  });
});
