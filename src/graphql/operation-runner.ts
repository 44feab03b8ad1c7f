/**
 * Mutations, executed: those that come over and over are compiled by graphql-jit into one function each, which takes a
 * quarter of graphql-js's time (docs/decisions/010). All else, and every request that its variables make an error, is
 * left to graphql-js, so that clients are told the same.
 */
import {
  BREAK,
  type DocumentNode,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
  visit,
} from 'graphql';
import { compileQuery, type CompiledQuery, isCompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';

/** Compiling takes 2 ms, and 70 of what is as large as the limits allow. */
const USES_BEFORE_COMPILING = 100;
/** Of documents that came lately; apps send a few. */
const MAX_KEPT = 100;

interface Known {
  uses: number;
  /** Null before, and where graphql-js has to execute. */
  compiled: CompiledQuery['query'] | null;
}

/** Executes a query or a mutation that is valid. Documents are told apart by identity. */
export type RunOperation = (args: ExecutionArgs) => Promise<ExecutionResult> | ExecutionResult;

/** @param usesBeforeCompiling how often a document is executed before it is worth compiling. */
export function createOperationRunner(
  schema: GraphQLSchema,
  usesBeforeCompiling = USES_BEFORE_COMPILING,
): RunOperation {
  const documents = new LRUCache<DocumentNode, Known>({ max: MAX_KEPT });

  return function run(args: ExecutionArgs) {
    const { document } = args;
    let known = documents.get(document);
    if (known === undefined) {
      known = { uses: 0, compiled: null };
      documents.set(document, known);
    }
    known.uses += 1;
    if (known.uses === usesBeforeCompiling) known.compiled = compileMutation(schema, document);
    return known.compiled === null ? execute(args) : runCompiled(known.compiled, args);
  };
}

async function runCompiled(compiled: CompiledQuery['query'], args: ExecutionArgs): Promise<ExecutionResult> {
  const result = await compiled(args.rootValue, args.contextValue, args.variableValues ?? {});
  // Without data nothing was executed: the variables are wrong, which graphql-js says in other words.
  if (!('data' in result)) return execute(args);
  if (result.errors === undefined) return result;
  return { ...result, errors: result.errors.map((error) => withPlace(error, args.document)) };
}

/** graphql-jit's errors know neither their source nor where they are in it, only lines and columns. */
function withPlace(
  { message, path, originalError, locations }: GraphQLError,
  { loc }: DocumentNode,
): GraphQLError {
  const source = loc?.source;
  const lineStarts = [0, ...(source?.body ?? '').matchAll(/\r\n|\n|\r/g)].map((end) =>
    typeof end === 'number' ? end : end.index + end[0].length,
  );
  const positions = locations?.map(({ line, column }) => (lineStarts[line - 1] ?? 0) + column - 1);
  return new GraphQLError(message, { source, positions, path, originalError });
}

/**
 * @returns null for what graphql-jit does otherwise than graphql-js: after a field that fails, and with it the whole
 *   answer, graphql-js leaves the fields that follow alone.
 */
export function compileMutation(
  schema: GraphQLSchema,
  document: DocumentNode,
): CompiledQuery['query'] | null {
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const [operation] = operations;
  if (operations.length !== 1 || operation?.operation !== OperationTypeNode.MUTATION) return null;
  const { selections } = operation.selectionSet;
  if (selections.length !== 1 || selections[0]?.kind !== Kind.FIELD || hasDirectives(document)) return null;
  const compiled = compileQuery(schema, document);
  return isCompiledQuery(compiled) ? compiled.query : null;
}

/** Its @skip and @include differ from the specification in fragments, by its own account. */
function hasDirectives(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive() {
      found = true;
      return BREAK;
    },
  });
  return found;
}
