/**
 * A mutation compiled by graphql-jit into one function, which takes a quarter of graphql-js's time
 * (docs/decisions/034). A request whose variables are wrong is left to graphql-js, so that clients get the
 * same errors.
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
import { compileQuery, isCompiledQuery } from 'graphql-jit';

/**
 * Compiles a document with a single mutation of a single field.
 * @returns null for any other document. With several fields graphql-jit goes on after one that fails and with
 *   it the whole answer, while graphql-js leaves the rest alone; in fragments its @skip and @include differ
 *   from the specification, by its own account.
 */
export function compileMutation(schema: GraphQLSchema, document: DocumentNode): CompiledMutation | null {
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const [operation] = operations;
  if (operations.length !== 1 || operation?.operation !== OperationTypeNode.MUTATION) return null;
  const { selections } = operation.selectionSet;
  if (selections.length !== 1 || selections[0]?.kind !== Kind.FIELD || hasDirectives(document)) return null;
  const compiled = compileQuery(schema, document);
  if (!isCompiledQuery(compiled)) return null;
  const { query } = compiled;

  return async function run(args) {
    const result = await query(args.rootValue, args.contextValue, args.variableValues ?? {});
    // Without data nothing was executed: the variables are wrong, which graphql-js says in other words.
    if (!('data' in result)) return execute(args);
    if (result.errors === undefined) return result;
    return { ...result, errors: result.errors.map((error) => withPositions(error, args.document)) };
  };
}

/** Executes the mutation. */
export type CompiledMutation = (args: ExecutionArgs) => Promise<ExecutionResult> | ExecutionResult;

/** graphql-jit's errors have lines and columns, but neither their source nor their positions in it. */
function withPositions(
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
