/**
 * The valid documents of signed-in users, over HTTP and sockets, with all that is compiled from them. Apps send the
 * same few again and again, and parsing, validating and limiting one costs more than its operation. Nothing is kept
 * of somebody who is not signed in, so that strangers can't fill the memory, and nothing of what is refused.
 */
import type { DocumentNode, ExecutionArgs, GraphQLSchema, Source } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { CompiledDocument } from '../graphql/compiled-document.js';
import type { GraphQLContext } from '../graphql/context.js';

export function createDocumentCache(): DocumentCache {
  return new LRUCache({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ tokens }, text) =>
      BYTES_PER_DOCUMENT + tokens * BYTES_PER_TOKEN + text.length * BYTES_PER_CHARACTER,
  });
}

/** Takes documents from the cache, and keeps those whose operation is run for a user. */
export function useDocuments(schema: GraphQLSchema, documents: DocumentCache): Plugin<GraphQLContext> {
  function keep({ args: { document, contextValue } }: { args: ExecutionArgs }): void {
    const text = document.loc?.source.body;
    if (text === undefined || (contextValue as GraphQLContext).viewer === null || documents.has(text)) return;
    documents.set(text, new CompiledDocument(schema, document));
  }
  return {
    onParse({ params: { source }, setParsedDocument }) {
      const known = documents.get(textOf(source as string | Source));
      if (known !== undefined) setParsedDocument(known.document);
    },
    onValidate({ params, setResult }) {
      const document = params.documentAST as DocumentNode;
      const text = document.loc?.source.body ?? '';
      if (documents.peek(text)?.document === document) setResult([]);
    },
    onExecute: keep,
    onSubscribe: keep,
  };
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

const textOf = (source: string | Source): string => (typeof source === 'string' ? source : source.body);
