/** A set of UUIDs that takes two words for each, for the many friends of whom nothing else is known. */
export class IdSet {
  #bytes: Buffer;

  /** @param ids each once. */
  constructor(ids: readonly string[]) {
    this.#bytes = Buffer.allocUnsafeSlow(ids.length * BYTES);
    ids.forEach((id, index) => {
      pack(id, this.#bytes, index * BYTES);
    });
  }

  has(id: string): boolean {
    return this.#indexOf(id) >= 0;
  }

  /** @returns whether it is new. */
  add(id: string): boolean {
    if (this.has(id)) return false;
    // The search has packed it.
    this.#bytes = Buffer.concat([this.#bytes, sought]);
    return true;
  }

  delete(id: string): void {
    const at = this.#indexOf(id);
    if (at >= 0) this.#bytes = Buffer.concat([this.#bytes.subarray(0, at), this.#bytes.subarray(at + BYTES)]);
  }

  get size(): number {
    return this.#bytes.length / BYTES;
  }

  #indexOf(id: string): number {
    if (id.length !== TEXT_LENGTH) return -1;
    pack(id, sought, 0);
    let at = this.#bytes.indexOf(sought);
    while (at >= 0 && at % BYTES !== 0) at = this.#bytes.indexOf(sought, at + 1);
    return at;
  }
}

const BYTES = 16;
const TEXT_LENGTH = 36;
/** One for all searches. */
const sought = Buffer.alloc(BYTES);

/** Where a UUID's text has the first digit of each byte. */
const FIRST_DIGITS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
/** What the digits of ASCII are worth. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => parseInt(String.fromCharCode(code), 16) || 0);

/** Writes a UUID's bytes. A list begins with hundreds: texts in between would be a tenth of its garbage. */
function pack(id: string, bytes: Buffer, start: number): void {
  for (let at = 0; at < BYTES; at++) {
    const digit = FIRST_DIGITS[at] ?? 0;
    bytes[start + at] = (VALUES[id.charCodeAt(digit)] ?? 0) * 16 + (VALUES[id.charCodeAt(digit + 1)] ?? 0);
  }
}
