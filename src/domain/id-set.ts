/** A set of UUIDs that takes two words for each, for the many friends of whom nothing else is known. */
export class IdSet {
  #bytes: Buffer;

  /** @param ids each once. */
  constructor(ids: readonly string[]) {
    this.#bytes = Buffer.allocUnsafeSlow(ids.length * BYTES);
    this.#bytes.write(digitsOf(ids.join('')), 'hex');
  }

  has(id: string): boolean {
    return this.#indexOf(id) >= 0;
  }

  /** @returns whether it is new. */
  add(id: string): boolean {
    if (this.has(id)) return false;
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(digitsOf(id), 'hex')]);
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
    const bytes = Buffer.from(digitsOf(id), 'hex');
    if (bytes.length < BYTES) return -1;
    let at = this.#bytes.indexOf(bytes);
    while (at >= 0 && at % BYTES !== 0) at = this.#bytes.indexOf(bytes, at + 1);
    return at;
  }
}

const BYTES = 16;

const digitsOf = (id: string): string => id.replaceAll('-', '');
