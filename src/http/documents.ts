/**
 * Documents that came over sockets, parsed, validated and limited by Yoga's plugins as over HTTP, each once: apps send
 * the same few over and over, and the plugins cost more than the operation (docs/decisions/010).
 */
import type { DocumentNode, GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { LogIds } from '../log.js';
import type { Lookups } from '../services/location-feed.js';
import type { Yoga } from './yoga.js';

/** The document, or what is wrong with it. */
export type CheckedDocument = DocumentNode | readonly GraphQLError[];

/** Characters of all documents that are kept. */
const MAX_KEPT_CHARACTERS = 8_000_000;

export type Documents = ReturnType<typeof createDocuments>;

export function createDocuments(
  yoga: Yoga,
  clientError: (error: unknown, logIds: LogIds) => GraphQLError,
  lookups: Lookups,
) {
  const checked = new LRUCache<string, CheckedDocument>({
    maxSize: MAX_KEPT_CHARACTERS,
    sizeCalculation: (_document, query) => query.length + 1,
  });

  function check(query: string, logIds: LogIds): CheckedDocument {
    const enveloped = yoga.getEnveloped({ socketViewer: null, logIds, params: { query } });
    try {
      const document = enveloped.parse(query) as DocumentNode;
      const errors = enveloped.validate(enveloped.schema, document) as readonly GraphQLError[];
      return errors.length === 0 ? document : errors;
    } catch (error) {
      return [clientError(error, logIds)];
    }
  }

  return function documentOf(query: string, logIds: LogIds): CheckedDocument {
    let known = checked.get(query);
    if (known !== undefined) lookups.hits += 1;
    else {
      lookups.misses += 1;
      known = check(query, logIds);
      checked.set(query, known);
    }
    return known;
  };
}
