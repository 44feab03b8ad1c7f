/**
 * The list of nearby friends, nearest first. A screen reader reads who comes and who leaves, but not
 * movement.
 */
import type { NearbyFriend } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { NearbyView } from './use-nearby-friends.js';
import { age, type Wording } from './wording.js';

export function NearbyList(props: NearbyListProps): JSX.Element {
  const { view, wording, nowMs, staleAfterMs, chosenId, onChoose } = props;
  const news = useNews(view.friends, view.known);
  return (
    <>
      {view.error !== null && (
        <p role="alert" class="error">
          {view.error.message}
        </p>
      )}
      {view.asOfMs !== null && (
        <p class="hint" role="status">
          As of {wording.instant(view.asOfMs, nowMs)}:{' '}
          {navigator.onLine ? 'the server cannot be reached.' : 'you are offline.'}
        </p>
      )}
      <ul
        class={view.connection.state === 'reconnecting' || view.asOfMs !== null ? 'friends stale' : 'friends'}
        aria-label="Nearby friends"
      >
        {view.friends.map((entry) => (
          <FriendRow
            key={entry.friend.id}
            entry={entry}
            wording={wording}
            ageText={age(Date.parse(entry.updatedAt), nowMs)}
            isStale={nowMs - Date.parse(entry.updatedAt) > staleAfterMs}
            isChosen={entry.friend.id === chosenId}
            onChoose={onChoose}
          />
        ))}
      </ul>
      {view.friends.length === 0 && <p class="hint">{emptyHint(view)}</p>}
      <p class="visually-hidden" aria-live="polite">
        {news}
      </p>
    </>
  );
}

interface NearbyListProps {
  readonly view: NearbyView;
  readonly wording: Wording;
  readonly nowMs: number;
  /** An older location is shown as stale, in milliseconds. */
  readonly staleAfterMs: number;
  /** The friend the map highlights; null for none. */
  readonly chosenId: string | null;
  onChoose(friendId: string): void;
}

/** With hundreds of friends, each second draws only the rows in which something is new. */
function FriendRow({ entry, wording, ageText, isStale, isChosen, onChoose }: FriendRowProps): JSX.Element {
  const { friend, distanceMeters } = entry;
  return useMemo(
    () => (
      <li class={isStale ? 'stale' : ''}>
        <button
          type="button"
          aria-pressed={isChosen}
          onClick={() => {
            onChoose(friend.id);
          }}
        >
          <bdi class="name">{friend.displayName}</bdi> <span class="handle">@{friend.handle}</span>
          <span class="distance">{wording.distance(distanceMeters)}</span>
          <span class="age">Last update {ageText} ago</span>
        </button>
      </li>
    ),
    [friend, distanceMeters, wording, ageText, isStale, isChosen, onChoose],
  );
}

interface FriendRowProps {
  readonly entry: NearbyFriend;
  readonly wording: Wording;
  readonly ageText: string;
  readonly isStale: boolean;
  readonly isChosen: boolean;
  onChoose(friendId: string): void;
}

function emptyHint({ known, origin, asOfMs }: NearbyView): string {
  if (asOfMs !== null) return 'Nobody of whom you knew lately may still be near.';
  if (!known) return 'Loading …';
  if (origin === null) return 'Turn on your location to see who is near.';
  return 'None of your friends are near right now.';
}

/** Returns a text about who came and who left at the last change. */
function useNews(friends: readonly NearbyFriend[], known: boolean): string {
  const before = useRef<ReadonlyMap<string, string> | null>(null);
  const [news, setNews] = useState('');
  useEffect(() => {
    if (!known) return;
    const now = new Map(friends.map(({ friend }) => [friend.id, friend.displayName]));
    const was = before.current;
    before.current = now;
    if (was === null) return;
    const came = [...now].filter(([id]) => !was.has(id)).map(([, name]) => `${name} is near.`);
    const left = [...was].filter(([id]) => !now.has(id)).map(([, name]) => `${name} left.`);
    if (came.length + left.length > 0) setNews([...came, ...left].join(' '));
  }, [friends, known]);
  return news;
}
