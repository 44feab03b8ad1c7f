/**
 * Limits what an operation may cost: how many values its answer can have, where every list is as long as @listSize in
 * the schema says. Variables count as their most expensive value and conditions as met, so a document has one cost,
 * whoever sends it and over which transport. An app that passes once passes always.
 */
import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isListType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type ValidationContext,
  visit,
} from 'graphql';
import { collectSubfields } from 'graphql/execution/collectFields.js';

/** A validation rule that refuses documents with an operation that costs more than `maxCost`. */
export function operationCostRule(schema: GraphQLSchema, maxCost = MAX_COST): OperationCostRule {
  const costOfDocument = createCostCounter(schema);
  return (context) => ({
    Document(document) {
      if (costOfDocument(document) <= maxCost) return;
      const advice = 'Select fewer fields, use fewer aliases or ask for shorter lists.';
      context.reportError(new GraphQLError(`The operation costs more than ${maxCost}. ${advice}`));
    },
  });
}

export type OperationCostRule = (context: ValidationContext) => ASTVisitor;

/** All fields of 5,000 nearby friends, the most that one can have, twice. */
export const MAX_COST = 180_000;

/** @returns tells the cost of the most expensive operation of a document; Infinity when it is too large to count. */
export function createCostCounter(schema: GraphQLSchema): (document: DocumentNode) => number {
  const sizes = new Map<AnyField, ListSize>();
  const weights = new Map<AnyField, number>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const size = directive<ListSize>(schema, 'listSize', field) ?? introspectionSize(schema, type, field);
      if (size !== null) sizes.set(field, size);
      const cost = directive<{ readonly weight: string }>(schema, 'cost', field);
      if (cost !== null) weights.set(field, Number(cost.weight));
    }
  }
  sizes.set(TypeMetaFieldDef, { assumedSize: TYPES_IN_ONE });

  return function costOf(document) {
    const unconditional = visit(document, { Directive: () => null });
    const fragments = Object.fromEntries(
      unconditional.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
      ),
    );
    let counted = 0;

    /** @param sized names the lists among the fields whose length an argument of their parent limits. */
    function costOfFields(
      type: GraphQLObjectType,
      parents: readonly FieldNode[],
      sized: Sized,
      depth: number,
    ): number {
      counted += parents.length;
      if (counted > MAX_SELECTIONS || depth > MAX_DEPTH) return Infinity;
      let cost = 0;
      for (const nodes of collectSubfields(schema, fragments, {}, type, parents).values()) {
        counted += nodes.length;
        const [node] = nodes;
        const field = node === undefined ? undefined : fieldOf(schema, type, node.name.value);
        if (node !== undefined && field !== undefined)
          cost += costOfField(type, field, node, nodes, sized, depth);
      }
      return cost;
    }

    function costOfField(
      parent: GraphQLObjectType,
      field: AnyField,
      node: FieldNode,
      nodes: readonly FieldNode[],
      sized: Sized,
      depth: number,
    ): number {
      const size = sizes.get(field);
      const length = size === undefined ? 1 : lengthOf(size, field, node);
      const below: Sized = size?.sizedFields == null ? NONE_SIZED : { names: size.sizedFields, length };
      let items = 1;
      if (sized.names.includes(field.name)) items = sized.length;
      else if (size !== undefined && size.sizedFields == null) items = length;
      const type = getNamedType(field.type);
      const each = isObjectType(type) ? costOfFields(type, nodes, below, depth + 1) : 0;
      const weight = (weights.get(field) ?? 1) * (parent.name.startsWith('__') ? INTROSPECTION_WEIGHT : 1);
      return items * (weight + each);
    }

    let most = 0;
    for (const definition of unconditional.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      const root = schema.getRootType(definition.operation);
      if (root == null) continue;
      const { selectionSet } = definition;
      const asField: FieldNode = {
        kind: Kind.FIELD,
        name: { kind: Kind.NAME, value: root.name },
        selectionSet,
      };
      const roots = [...collectSubfields(schema, fragments, {}, root, [asField]).values()].filter(
        ([node]) => node !== undefined && node.name.value !== TypeNameMetaFieldDef.name,
      );
      most = Math.max(most, roots.length * ROOT_COST + costOfFields(root, [asField], NONE_SIZED, 0));
    }
    return most;
  };
}

/** Each field of a root asks the database or Redis, apart from __typename. */
const ROOT_COST = 2_000;
/** What counting may look at. Fragments in fragments select far more than the tokens of a document tell. */
const MAX_SELECTIONS = 10_000;
/** More than introspection needs; fragments that contain themselves, which another rule refuses, have no end. */
const MAX_DEPTH = 40;

/** The arguments of @listSize. */
interface ListSize {
  readonly assumedSize: number;
  readonly slicingArguments?: readonly string[] | null;
  readonly sizedFields?: readonly string[] | null;
}

interface Sized {
  readonly names: readonly string[];
  readonly length: number;
}

const NONE_SIZED: Sized = { names: [], length: 1 };

type AnyField = GraphQLField<unknown, unknown>;

/*
 * Introspection is executed in one go, while other lists are written in slices. Its lists are as long as they are in
 * this schema on average, rounded up; a single type, which __type asks for, may have three times as many fields.
 */
const INTROSPECTION_WEIGHT = 3;
const FIELDS_OF_A_TYPE = 5;
const TYPES_IN_ONE = 3;

function introspectionSize(schema: GraphQLSchema, type: GraphQLObjectType, field: AnyField): ListSize | null {
  if (!type.name.startsWith('__') || !isListType(getNullableType(field.type))) return null;
  if (field.name === 'types') return { assumedSize: Object.keys(schema.getTypeMap()).length };
  return { assumedSize: field.name === 'fields' || type.name === '__Schema' ? FIELDS_OF_A_TYPE : 1 };
}

function directive<T>(schema: GraphQLSchema, name: string, { astNode }: AnyField): T | null {
  const definition = schema.getDirective(name);
  const values = definition == null || astNode == null ? undefined : getDirectiveValues(definition, astNode);
  return (values as T | undefined) ?? null;
}

function fieldOf(schema: GraphQLSchema, type: GraphQLObjectType, name: string): AnyField | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (type === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return type.getFields()[name];
}

/** The most items that a list can have. */
function lengthOf({ assumedSize, slicingArguments }: ListSize, field: AnyField, node: FieldNode): number {
  for (const name of slicingArguments ?? []) {
    const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
    if (value?.kind === Kind.INT) return Math.min(Math.max(Number(value.value), 0), assumedSize);
    if (value !== undefined) return assumedSize;
    const { defaultValue } = field.args.find((argument) => argument.name === name) ?? {};
    if (typeof defaultValue === 'number') return defaultValue;
  }
  return assumedSize;
}
