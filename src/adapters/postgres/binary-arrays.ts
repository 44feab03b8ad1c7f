/**
 * Encodes long arrays in PostgreSQL's binary format (array_send() in its source): a head of five words, then
 * the length and the bytes of each element, or -1 for null. pg sends a Buffer as it is. A row of the history
 * costs PostgreSQL a fifth less this way than with arrays as text.
 */

/**
 * Encodes uuid[].
 * @throws TypeError for a value that is not a UUID.
 */
export const uuidArray = (values: Values<string>): Buffer =>
  arrayOf(UUID, values, (buffer, uuid, at) => {
    const hex =
      uuid.slice(0, 8) + uuid.slice(9, 13) + uuid.slice(14, 18) + uuid.slice(19, 23) + uuid.slice(24);
    if (buffer.write(hex, at, UUID.bytes, 'hex') < UUID.bytes) throw new TypeError('Not a UUID');
  });

/**
 * Encodes bigint[].
 * @throws RangeError for a number that is not whole.
 */
export const bigintArray = (values: Values<number>): Buffer =>
  arrayOf(BIGINT, values, (buffer, number, at) => buffer.writeBigInt64BE(BigInt(number), at));

/** Encodes float8[]. */
export const doubleArray = (values: Values<number>): Buffer =>
  arrayOf(DOUBLE, values, (buffer, number, at) => buffer.writeDoubleBE(number, at));

/** Encodes float4[]. */
export const realArray = (values: Values<number>): Buffer =>
  arrayOf(REAL, values, (buffer, number, at) => buffer.writeFloatBE(number, at));

type Values<T> = readonly (T | null)[];

interface ElementType {
  /** The number of the type in pg_type, which is fixed for PostgreSQL's own types. */
  readonly oid: number;
  readonly bytes: number;
}

const BIGINT: ElementType = { oid: 20, bytes: 8 };
const REAL: ElementType = { oid: 700, bytes: 4 };
const DOUBLE: ElementType = { oid: 701, bytes: 8 };
const UUID: ElementType = { oid: 2950, bytes: 16 };

function arrayOf<T>(
  { oid, bytes }: ElementType,
  values: Values<T>,
  write: (buffer: Buffer, value: T, at: number) => void,
): Buffer {
  // The number of dimensions, whether there are nulls, the type, the length, the first index.
  const head = [1, values.includes(null) ? 1 : 0, oid, values.length, 1];
  const buffer = Buffer.allocUnsafe(4 * head.length + values.length * (4 + bytes));
  let at = 0;
  for (const word of head) at = buffer.writeInt32BE(word, at);
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? -1 : bytes, at);
    if (value === null) continue;
    write(buffer, value, at);
    at += bytes;
  }
  return buffer.subarray(0, at);
}
