/** A list with a button for its next page. It says when it could not be read or changed. */
import type { JSX } from 'preact';
import { Failure } from './failure.js';
import type { Pages } from './use-pages.js';

export function PagedList<Node>({ pages, label, children }: PagedListProps<Node>): JSX.Element {
  return (
    <>
      <Failure text={pages.error} />
      <ul class="entries" aria-label={label} aria-busy={pages.busy}>
        {pages.items?.map(children)}
      </ul>
      {pages.hasMore && (
        <button type="button" disabled={pages.busy} onClick={() => void pages.more()}>
          Show more
        </button>
      )}
    </>
  );
}

interface PagedListProps<Node> {
  readonly pages: Pages<Node>;
  readonly label: string;
  /** Makes the row of an item. */
  readonly children: (item: Node) => JSX.Element;
}
