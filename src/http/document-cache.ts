/**
 * The valid documents of signed-in users, over HTTP and sockets, with all that is compiled from them. Apps send the
 * same few again and again, and parsing, validating and limiting one costs more than its operation. Nothing is kept
 * of somebody who is not signed in, so that strangers can't fill the memory, and nothing of what is refused.
 */
import { LRUCache } from 'lru-cache';
import type { CompiledDocument } from '../graphql/compiled-document.js';

export function createDocumentCache(): DocumentCache {
  return new LRUCache({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ tokens }, text) =>
      BYTES_PER_DOCUMENT + tokens * BYTES_PER_TOKEN + text.length * BYTES_PER_CHARACTER,
  });
}

/** By their text. */
export type DocumentCache = LRUCache<string, CompiledDocument>;

/** Of memory, for all documents of a server. */
const MAX_BYTES = 32 * 1024 * 1024;
/*
 * Measured and rounded up: a token takes up to 490 bytes in a syntax tree, and about as many in what is compiled. A
 * character takes one byte or two in the text, and as many again in a name.
 */
const BYTES_PER_TOKEN = 1_000;
const BYTES_PER_CHARACTER = 4;
const BYTES_PER_DOCUMENT = 8 * 1024;
