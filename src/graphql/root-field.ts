/** Names of what an operation does that clients can't make up, for metrics. */
import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/**
 * The field of the schema that an operation of a valid document selects at its root, whatever its alias is; 'several'
 * for more than one.
 */
export function rootFieldOf(
  document: DocumentNode,
  { selectionSet }: { selectionSet: SelectionSetNode },
): string {
  const fields = new Set<string>();
  /** Fragments that spread each other again and again are looked at once. */
  const fragments = new Set<FragmentDefinitionNode | undefined>();

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) fields.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else spread(selection.name.value);
    }
  }

  function spread(name: string): void {
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
    ) as FragmentDefinitionNode | undefined;
    if (fragments.has(fragment)) return;
    fragments.add(fragment);
    if (fragment !== undefined) collect(fragment.selectionSet);
  }

  collect(selectionSet);
  const [field = 'several'] = fields;
  return fields.size === 1 ? field : 'several';
}
