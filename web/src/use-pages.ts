/** A list of the server that is read page by page, and again after each change that the user makes to it. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { failureText } from './failure-text.js';

/** @param read resolves to a page of the list; always the same function. */
export function usePages<Node>(read: ReadPage<Node>): Pages<Node> {
  const [shown, setShown] = useState<Shown<Node> | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const length = useRef(0);
  length.current = shown?.items.length ?? 0;

  const attempt = useCallback(async (action: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await action();
    } catch (caught) {
      setError(failureText(caught));
    } finally {
      setBusy(false);
    }
  }, []);

  const readAgain = useCallback(async (): Promise<void> => {
    setShown(shownOf(await read(Math.min(Math.max(PAGE_SIZE, length.current), MOST_AT_ONCE), null)));
  }, [read]);

  useEffect(() => {
    void attempt(readAgain);
  }, [attempt, readAgain]);

  return {
    items: shown?.items ?? null,
    hasMore: shown?.cursor != null,
    busy,
    error,
    more: () =>
      attempt(async () => {
        const next = shownOf(await read(PAGE_SIZE, shown?.cursor ?? null));
        setShown({ ...next, items: [...(shown?.items ?? []), ...next.items] });
      }),
    change: (action) =>
      attempt(async () => {
        await action();
        await readAgain();
      }),
  };
}

export type ReadPage<Node> = (first: number, after: string | null) => Promise<Connection<Node>>;

export interface Pages<Node> {
  /** Null until the first page was read. */
  readonly items: readonly Node[] | null;
  readonly hasMore: boolean;
  /** Whether something is going on. */
  readonly busy: boolean;
  /** Why the list could not be read or changed; null when all went well. */
  readonly error: string | null;
  /** Reads the next page. */
  more(): Promise<void>;
  /** Runs an action and then reads the list again. */
  change(action: () => Promise<unknown>): Promise<void>;
}

interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
}

interface Shown<Node> {
  readonly items: readonly Node[];
  /** Where the next page begins; null after the last one. */
  readonly cursor: string | null;
}

const PAGE_SIZE = 10;
/** The most that the server gives. */
const MOST_AT_ONCE = 1_000;

function shownOf<Node>({ edges, pageInfo }: Connection<Node>): Shown<Node> {
  return {
    items: edges.map(({ node }) => node),
    cursor: pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null,
  };
}
