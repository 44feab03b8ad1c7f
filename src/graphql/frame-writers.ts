/** Frame writers by document, operation and values of @skip/@include: compiled once, shared by all sockets. */
import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode, visit } from 'graphql';
import { compileFrameWriter, type FrameWriter } from './frame-writer.js';

interface Compiled {
  /** Variables on which the selection depends. */
  readonly conditions: readonly string[];
  /** By operation and values of the conditions; null where graphql-js has to execute. */
  readonly writers: Map<string, FrameWriter | null>;
}

export type FrameWriters = ReturnType<typeof createFrameWriters>;

/** Documents are told apart by identity: they come out of a cache of parsed documents, and leave with it. */
export function createFrameWriters(schema: GraphQLSchema) {
  const compiled = new WeakMap<DocumentNode, Compiled>();

  return function writerOf(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ): FrameWriter | null {
    let known = compiled.get(document);
    if (known === undefined) {
      known = { conditions: conditionsOf(document), writers: new Map() };
      compiled.set(document, known);
    }
    const values = known.conditions.map((name) => variables[name]);
    const key = JSON.stringify([operation.name?.value, values]);
    let writer = known.writers.get(key);
    if (writer === undefined) {
      writer = compileFrameWriter(schema, document, operation, variables);
      known.writers.set(key, writer);
    }
    return writer;
  };
}

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
