import { type ASTVisitor, GraphQLError, Kind, OperationTypeNode, type ValidationContext } from 'graphql';

/**
 * The root field of a subscription is not to be skipped or included, as the GraphQL specification of September 2025
 * says (5.2.4.1): a subscription without a field has nothing to subscribe to, which graphql-js 16 finds out too late.
 */
export function subscriptionRootRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition({ operation, selectionSet }) {
      if (operation !== OperationTypeNode.SUBSCRIPTION) return;
      const visited = new Set<string>();
      const pending = [...selectionSet.selections];
      for (let selection = pending.pop(); selection !== undefined; selection = pending.pop()) {
        const conditions = selection.directives?.filter(({ name }) => CONDITIONS.includes(name.value)) ?? [];
        if (conditions.length > 0) {
          const message = 'The root field of a subscription must not have @skip or @include.';
          context.reportError(new GraphQLError(message, { nodes: conditions }));
        }
        if (selection.kind === Kind.INLINE_FRAGMENT) pending.push(...selection.selectionSet.selections);
        if (selection.kind !== Kind.FRAGMENT_SPREAD || visited.has(selection.name.value)) continue;
        visited.add(selection.name.value);
        pending.push(...(context.getFragment(selection.name.value)?.selectionSet.selections ?? []));
      }
    },
  };
}

const CONDITIONS: readonly string[] = ['skip', 'include'];
