import type { Page } from '../domain/page.js';

/** A page as a Relay connection; see the GraphQL Cursor Connections Specification. */
export function toConnection<T>({ items, hasNextPage, hasPreviousPage }: Page<T>) {
  const edges = items.map(({ cursor, node }) => ({ cursor, node }));
  const pageInfo = {
    hasNextPage,
    hasPreviousPage,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
  return { edges, pageInfo };
}
