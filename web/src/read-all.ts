/** Reads all pages of a list, one after the other. */
export async function readAll<T>(readPage: (after: string | null) => Promise<ListPage<T>>): Promise<T[]> {
  const all: T[] = [];
  for (let after: string | null = null; ;) {
    const { edges, pageInfo }: ListPage<T> = await readPage(after);
    for (const { node } of edges) all.push(node);
    if (!pageInfo.hasNextPage || pageInfo.endCursor === null) return all;
    after = pageInfo.endCursor;
  }
}

/** The most that the server puts into one page. */
export const PAGE_SIZE = 1_000;

interface ListPage<T> {
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
