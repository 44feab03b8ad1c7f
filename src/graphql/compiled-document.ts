/**
 * A valid document with everything that is compiled from it: a function for a mutation that comes again and
 * again, and the writers of nearbyFriends frames. What it takes is bounded, and the rest is executed by
 * graphql-js.
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
  #uses = 0;
  /** Null before it is compiled, and where graphql-js has to execute. */
  #mutation: CompiledMutation | null = null;
  #frameWriters: FrameWriters | null = null;

  /** @param usesBeforeCompiling how often a document is executed before it is worth compiling. */
  constructor(
    readonly schema: GraphQLSchema,
    readonly document: DocumentNode,
    readonly usesBeforeCompiling = USES_BEFORE_COMPILING,
  ) {}

  /** The operation of that name, or the only one; null when there is none or no single one. */
  operation(name: string | null | undefined): OperationDefinitionNode | null {
    return getOperationAST(this.document, name) ?? null;
  }

  /** Executes a query or a mutation of the document. */
  run(args: ExecutionArgs): Promise<ExecutionResult> | ExecutionResult {
    this.#uses += 1;
    if (this.#uses === this.usesBeforeCompiling) this.#mutation = compileMutation(this.schema, this.document);
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
}

/** Compiling takes 2 ms, and 70 ms for a document as large as the limits allow. */
const USES_BEFORE_COMPILING = 100;
/**
 * Each combination of the variables in @skip and @include is a frame writer of its own; apps use one or two.
 */
const MAX_FRAME_WRITERS = 16;

interface FrameWriters {
  /** Variables on which the selection depends. */
  readonly conditions: readonly string[];
  /** By operation and values of the conditions. */
  readonly writers: LRUCache<string, { readonly writer: FrameWriter | null }>;
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
