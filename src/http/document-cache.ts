/**
 * Documents that came over sockets, each parsed, validated and limited once, by Yoga's plugins as over HTTP:
 * apps send the same few again and again, and the plugins cost more than the operation. Everything compiled
 * from a document is kept with it and leaves with it.
 */
import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { CompiledDocument } from '../graphql/compiled-document.js';
import type { LogIds } from '../log.js';
import type { Lookups } from '../services/location-dispatcher.js';
import type { Yoga } from './yoga.js';

/** @returns looks a document up by its text; gives the errors instead when it can't be run. */
export function createDocumentCache({ yoga, schema, clientError, lookups }: DocumentCacheOptions) {
  const documents = new LRUCache<string, CompiledDocument>({
    maxSize: MAX_BYTES,
    sizeCalculation: (_document, text) => (text.length + 1) * BYTES_PER_CHARACTER,
  });

  function compile(text: string, logIds: LogIds): CompiledDocument | readonly GraphQLError[] {
    const enveloped = yoga.getEnveloped({ socketViewer: null, logIds, params: { query: text } });
    try {
      const document = enveloped.parse(text) as DocumentNode;
      const errors = enveloped.validate(enveloped.schema, document) as readonly GraphQLError[];
      return errors.length === 0 ? new CompiledDocument(schema, document) : errors;
    } catch (error) {
      return [clientError(error, logIds)];
    }
  }

  return function documentOf(text: string, logIds: LogIds): CompiledDocument | readonly GraphQLError[] {
    const known = documents.get(text);
    if (known !== undefined) {
      lookups.hits += 1;
      return known;
    }
    lookups.misses += 1;
    const compiled = compile(text, logIds);
    if (compiled instanceof CompiledDocument) documents.set(text, compiled);
    return compiled;
  };
}

const MAX_BYTES = 64 * 1024 * 1024;
/**
 * Heap that a parsed document takes for each character of its text: measured are 100 to 400 for dense ones.
 */
const BYTES_PER_CHARACTER = 250;

interface DocumentCacheOptions {
  readonly yoga: Yoga;
  readonly schema: GraphQLSchema;
  /** Makes the error that a client sees, and reports a defect. */
  clientError(error: unknown, logIds: LogIds): GraphQLError;
  readonly lookups: Lookups;
}
