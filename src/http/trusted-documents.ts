/**
 * Which documents are run, and their texts. A client may send the id of a document instead of its text, as builds of
 * Apollo, Relay and graphql-codegen do. With TRUSTED_DOCUMENTS only the documents of those builds are run, and those of
 * the map page and the SDK, over all transports alike. Without it all are, and a client that sends an id is told in
 * Apollo's words to send the text.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { z } from 'zod';
import { StartupError } from '../startup-error.js';

/**
 * @param files each as graphql-codegen and relay-compiler write it, `{"id": "text"}`, or as Apollo does,
 * `{"operations": [{"id", "body"}]}`; null runs all documents. @throws StartupError for a file that can't be read.
 */
export function readTrustedDocuments(files: readonly string[] | null): TrustedDocuments {
  if (files === null) return { textOf: textUnlessById };
  const ofThePage = existsSync(PAGE_MANIFEST) ? [PAGE_MANIFEST] : [];
  const texts = new Map([...files, ...ofThePage].flatMap(readManifest));
  const trusted = new Set(texts.values());
  return {
    textOf(params) {
      const id = idOf(params);
      const text = id === null ? params.query : texts.get(id);
      if (text !== undefined && trusted.has(text)) return text;
      throw refusal('FORBIDDEN', { status: 403 }, 'This server runs the documents of known apps only.');
    },
  };
}

/** Gives operations over HTTP the texts of their documents. */
export function useTrustedDocuments({ textOf }: TrustedDocuments): Plugin {
  return {
    onParams({ params, setParams }) {
      const query = textOf(params);
      if (query !== undefined) setParams({ ...params, query });
    },
  };
}

export interface TrustedDocuments {
  /**
   * Returns the text of the document to run; undefined where there is neither a text nor an id.
   * @throws GraphQLError that says what to do instead.
   */
  textOf(params: DocumentParams): string | undefined;
}

/** Of a request over HTTP, or of a message `subscribe`, whose `query` may be empty. */
interface DocumentParams {
  readonly query?: string | undefined;
  /** `persistedQuery: { sha256Hash }`, as Apollo's and urql's clients send it. */
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
  /** Of the GraphQL over HTTP specification, appendix on persisted documents; with or without "sha256:". */
  readonly documentId?: unknown;
}

/** What Yoga lets pass beside the parameters that it knows. */
export const DOCUMENT_ID = 'documentId';

/** The path is the same from `src/` and from `dist/`. */
const PAGE_MANIFEST = fileURLToPath(new URL('../../dist/web/persisted-documents.json', import.meta.url));

const MANIFEST = z.union([
  z
    .object({ operations: z.array(z.object({ id: z.string(), body: z.string() })) })
    .transform(({ operations }) => operations.map(({ id, body }) => [id, body] as const)),
  z.record(z.string(), z.string()).transform((texts) => Object.entries(texts)),
]);

function readManifest(file: string): readonly (readonly [string, string])[] {
  try {
    return MANIFEST.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? 'it is no manifest of documents' : String(error);
    throw new StartupError(`TRUSTED_DOCUMENTS: ${file} can't be used: ${reason}.`);
  }
}

function textUnlessById(params: DocumentParams): string | undefined {
  if (!params.query && idOf(params) !== null) {
    // Status 200 for those who accept application/json only, as clients expect it.
    throw refusal('BAD_USER_INPUT', { status: 400, spec: true }, 'PersistedQueryNotSupported');
  }
  return params.query;
}

function idOf({ documentId, extensions }: DocumentParams): string | null {
  const id = documentId ?? (extensions?.['persistedQuery'] as PersistedQuery)?.sha256Hash;
  return typeof id === 'string' ? id.replace(/^sha256:/, '') : null;
}

type PersistedQuery = { readonly sha256Hash?: unknown } | null | undefined;

function refusal(code: string, http: object, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http } });
}
