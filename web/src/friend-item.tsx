/** A friend in the list of all: where the friend is, and what the friend sees where the user has made an exception. */
import type { UserFieldsFragment } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { choicesIdOf } from './friend-sees.js';

/** With hundreds of friends, each second draws only the rows in which something is new. */
export function FriendItem(props: FriendItemProps): JSX.Element {
  const { friend, whereabouts, seen, isException, isChosen, onChoose, onRemove } = props;
  return useMemo(
    () => <Row {...props} />,
    [friend, whereabouts, seen, isException, isChosen, onChoose, onRemove],
  );
}

function Row(props: FriendItemProps): JSX.Element {
  const { friend, whereabouts, seen, isException, isChosen, onChoose, onRemove } = props;
  const noteId = useId();
  const news = useNews(seen && `${friend.displayName} ${seen}.`);
  return (
    <li>
      <span role="group" aria-label={`${friend.displayName}, @${friend.handle}`}>
        <button
          type="button"
          class="opener"
          aria-expanded={isChosen}
          aria-controls={isChosen ? choicesIdOf(friend.id) : undefined}
          aria-describedby={noteId}
          onClick={() => {
            onChoose(friend.id);
          }}
        >
          <bdi class="name">{friend.displayName}</bdi> <span class="handle">@{friend.handle}</span>
        </button>
        <span class="whereabouts">{whereabouts}</span>
        <span id={noteId} class="note">
          {isException && seen}
        </span>
        <span class="visually-hidden" role="status">
          {news}
        </span>
        <span class="actions">
          <button
            type="button"
            onClick={() => {
              onRemove(friend);
            }}
          >
            Remove
          </button>
        </span>
      </span>
    </li>
  );
}

interface FriendItemProps {
  readonly friend: UserFieldsFragment;
  /** How far away the friend is, or that the friend is not visible; null when neither is known. */
  readonly whereabouts: string | null;
  /** What the friend sees, as seenBy() says it; null while it is not known. */
  readonly seen: string | null;
  /** Whether that is an exception. */
  readonly isException: boolean;
  /** Whether the friend's card is open. */
  readonly isChosen: boolean;
  onChoose(friendId: string): void;
  onRemove(friend: UserFieldsFragment): void;
}

/** Returns the text as it changed last, for screen readers: nothing of what was so from the start. */
function useNews(text: string | null): string {
  const before = useRef<string | null>(null);
  const [news, setNews] = useState('');
  useEffect(() => {
    if (text === null) return;
    if (before.current !== null && before.current !== text) setNews(text);
    before.current = text;
  }, [text]);
  return news;
}
