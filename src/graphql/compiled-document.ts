/**
 * A valid document with everything that is compiled from it: a function for a mutation that comes again and
 * again, and writers of nearbyFriends frames, up to a limit. graphql-js executes everything else, and all of a
 * document that is far longer than those of apps.
 */
import {
  type DocumentNode,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { type CompiledMutation, compileMutation } from './compiled-mutation.js';
import { compileFrameWriter, type FrameWriter } from './frame-writer.js';

export class CompiledDocument {
  /** How many tokens the document has, to which its memory is in proportion; 0 if it was parsed without locations. */
  readonly tokens: number;
  #uses = 0;
  /** Null before it is compiled, and where graphql-js has to execute. */
  #mutation: CompiledMutation | null = null;
  #frameWriters: FrameWriters | null = null;

  /** @param usesBeforeCompiling how often a document is executed before it is worth compiling. */
  constructor(
    readonly schema: GraphQLSchema,
    readonly document: DocumentNode,
    readonly usesBeforeCompiling = USES_BEFORE_COMPILING,
  ) {
    this.tokens = countTokens(document);
  }

  /** The operation of that name, or the only one; null when there is none or no single one. */
  operation(name: string | null | undefined): OperationDefinitionNode | null {
    return getOperationAST(this.document, name) ?? null;
  }

  /** Executes a query or a mutation of the document. */
  run(request: OperationRequest): Promise<ExecutionResult> | ExecutionResult {
    const { schema, document } = this;
    const { operationName, variableValues, contextValue } = request;
    const args: ExecutionArgs = { schema, document, operationName, variableValues, contextValue };
    this.#uses += 1;
    if (this.#uses === this.usesBeforeCompiling && this.#isShort)
      this.#mutation = compileMutation(schema, document);
    return this.#mutation === null ? execute(args) : this.#mutation(args);
  }

  /**
   * Writes the frames of an operation that selects nearbyFriends; null where graphql-js has to execute.
   * @param variables coerced values of the operation's variables.
   */
  frameWriter(
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ): FrameWriter | null {
    if (!this.#isShort) return null;
    const { conditions, writers } = (this.#frameWriters ??= {
      conditions: conditionsOf(this.document),
      writers: new LRUCache({ max: MAX_FRAME_WRITERS }),
    });
    const key = JSON.stringify([operation.name?.value, conditions.map((name) => variables[name])]);
    const known = writers.get(key);
    if (known !== undefined) return known.writer;
    const writer = compileFrameWriter(this.schema, this.document, operation, variables);
    writers.set(key, { writer });
    return writer;
  }

  get #isShort(): boolean {
    return this.tokens <= MAX_COMPILED_TOKENS;
  }
}

/** Compiling takes milliseconds, so a document has to come often before it pays. */
const USES_BEFORE_COMPILING = 100;
/** Far more than the documents of apps have. What is compiled takes memory for each token. */
const MAX_COMPILED_TOKENS = 500;
/**
 * Each combination of the variables in @skip and @include is a frame writer of its own; apps use one or two.
 */
const MAX_FRAME_WRITERS = 4;

/** Names the operation to execute, with its variables and context. */
export type OperationRequest = Pick<ExecutionArgs, 'operationName' | 'variableValues' | 'contextValue'>;

interface FrameWriters {
  /** Variables on which the selection depends. */
  readonly conditions: readonly string[];
  /** By operation and values of the conditions. */
  readonly writers: LRUCache<string, { readonly writer: FrameWriter | null }>;
}

function countTokens({ loc }: DocumentNode): number {
  let count = 0;
  for (let token = loc?.startToken ?? null; token !== null; token = token.next) count += 1;
  return count;
}

/** The variables in arguments of directives. */
function conditionsOf(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(directive) {
      for (const { value } of directive.arguments ?? []) {
        if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      }
    },
  });
  return [...names];
}
