/**
 * Makes a UUID (RFC 9562). An id has to be unique among those of its user, and is no secret. `crypto.randomUUID` is
 * left out on plain http, and React Native has no `crypto` at all. Without it the id begins with the time, as the
 * random numbers of a JavaScript engine may come of no more than 31 bits, which a user's ids would soon repeat.
 */
export function randomId(): string {
  const { crypto } = globalThis as { crypto?: Partial<Crypto> };
  return crypto?.getRandomValues === undefined
    ? uuidOf(timeAndRandomBytes(), 7)
    : uuidOf(crypto.getRandomValues(new Uint8Array(16)), 4);
}

function uuidOf(bytes: Uint8Array, version: number): string {
  const hex = Array.from(bytes, (byte, index) => {
    const marked = index === 6 ? (byte & 0x0f) | (version << 4) : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return marked.toString(16).padStart(2, '0');
  }).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Of a UUID of version 7, which begins with 48 bits of the time. */
function timeAndRandomBytes(): Uint8Array {
  const bytes = Uint8Array.from({ length: 16 }, () => Math.random() * 256);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Date.now() / 2 ** 32);
  view.setUint32(2, Date.now());
  return bytes;
}
