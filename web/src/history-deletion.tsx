/** Asks before a span of the history is deleted, and deletes it. */
import {
  DeleteLocationHistoryDocument,
  historyPages,
  type HistoryRange,
  type NearbyFriendsClient,
} from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Failure } from './failure.js';
import { useForm } from './use-form.js';
import type { Wording } from './wording.js';

export function HistoryDeletion({ client, question, onAnswer }: HistoryDeletionProps): JSX.Element {
  const keep = useRef<HTMLButtonElement>(null);
  const form = useForm(
    async () => {
      const { from, to } = question.range;
      onAnswer((await client.request(DeleteLocationHistoryDocument, { from, to })).deleteLocationHistory);
    },
    () => null,
  );

  useEffect(() => {
    keep.current?.focus();
  }, []);

  return (
    <form ref={form.ref} onSubmit={form.onSubmit}>
      <p role="alert">
        {question.text} They are gone for good. The place that friends see now is not among them: <em>Off</em>{' '}
        takes that back.
      </p>
      <Failure text={form.failure} />
      <div class="choices">
        <button type="submit" class="danger" disabled={form.busy}>
          Delete for good
        </button>
        <button
          ref={keep}
          type="button"
          disabled={form.busy}
          onClick={() => {
            onAnswer(null);
          }}
        >
          Keep
        </button>
      </div>
    </form>
  );
}

/**
 * Finds what would be deleted. Resolves to null when there is nothing.
 * @param span says in words what the range is.
 */
export async function askToDelete(
  client: NearbyFriendsClient,
  range: HistoryRange,
  span: string,
  wording: Wording,
): Promise<Question | null> {
  let count = 0;
  let hasMore = false;
  for await (const page of historyPages(client, range)) {
    hasMore = count > 0;
    // A long history is not read to its end for that.
    if (hasMore) break;
    count = page.length;
  }
  if (count === 0) return null;
  const places = `${hasMore ? 'more than ' : ''}${wording.count(count)} ${count === 1 ? 'place' : 'places'}`;
  return { range, text: `Delete ${places}${span}?` };
}

export interface Question {
  readonly range: HistoryRange;
  readonly text: string;
}

interface HistoryDeletionProps {
  readonly client: NearbyFriendsClient;
  readonly question: Question;
  /** @param deleted the number of places that are gone; null when all are kept. */
  onAnswer(deleted: number | null): void;
}
