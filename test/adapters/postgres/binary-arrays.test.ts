import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bigintArray,
  doubleArray,
  realArray,
  uuidArray,
} from '../../../src/adapters/postgres/binary-arrays.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** What PostgreSQL reads, element by element, as text of its own. */
async function read(type: string, array: Buffer): Promise<(string | null)[]> {
  const { rows } = await client.query<{ element: string | null }>(
    `SELECT element::text FROM unnest($1::${type}[]) WITH ORDINALITY AS input (element, nth) ORDER BY nth`,
    [array],
  );
  return rows.map(({ element }) => element);
}

const listOf = <T>(element: fc.Arbitrary<T>) => fc.array(fc.option(element), { maxLength: 50 });

describe('PostgreSQL reads what was meant', () => {
  test('of UUIDs of any version', async () => {
    const hex = fc.integer({ min: 0, max: 15 }).map((digit) => digit.toString(16));
    const uuid = fc
      .array(hex, { minLength: 32, maxLength: 32 })
      .map((digits) => digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'));
    await fc.assert(
      fc.asyncProperty(listOf(uuid), async (uuids) => {
        expect(await read('uuid', uuidArray(uuids))).toEqual(uuids);
      }),
    );
  });

  test('of whole numbers', async () => {
    await fc.assert(
      fc.asyncProperty(listOf(fc.maxSafeInteger()), async (numbers) => {
        const answer = await read('bigint', bigintArray(numbers));
        expect(answer.map((text) => (text === null ? null : Number(text)))).toEqual(numbers);
      }),
    );
  });

  test('of numbers', async () => {
    await fc.assert(
      fc.asyncProperty(listOf(fc.double()), async (numbers) => {
        const answer = await read('float8', doubleArray(numbers));
        expect(answer.map((text) => (text === null ? null : Number(text)))).toEqual(numbers);
      }),
    );
  });

  test('of short numbers', async () => {
    await fc.assert(
      fc.asyncProperty(listOf(fc.integer({ min: 0, max: 9_999_999 })), async (thousandths) => {
        const numbers = thousandths.map((number) => (number === null ? null : number / 1_000));
        const answer = await read('float4', realArray(numbers));
        expect(answer.map((text) => (text === null ? null : Number(text)))).toEqual(numbers);
      }),
    );
  });
});

test.each(['', 'no-uuid', '0193a4de-0000-7000-8000-00000000000', '0193a4de-0000-7000-8000-00000000000g'])(
  '%j is not a UUID',
  (text) => {
    expect(() => uuidArray([text])).toThrow(TypeError);
  },
);

test.each([0.5, NaN, Infinity])('%d is not whole', (number) => {
  expect(() => bigintArray([number])).toThrow(RangeError);
});
