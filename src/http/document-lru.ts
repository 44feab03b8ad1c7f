import { LRUCache } from 'lru-cache';

/** A cache of parsed documents, or what belongs to them, by their text; bounded by the memory that they take. */
export function createDocumentLru<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({
    maxSize: MAX_BYTES,
    sizeCalculation: (_value, text) => BYTES_PER_DOCUMENT + text.length * BYTES_PER_CHARACTER,
  });
}

const MAX_BYTES = 64 * 1024 * 1024;
/** Leaves room for what is compiled from a document. */
const BYTES_PER_DOCUMENT = 32 * 1024;
/** A document of nothing but short fields takes more than a hundred bytes of heap for each character. */
const BYTES_PER_CHARACTER = 250;
