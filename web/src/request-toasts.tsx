/**
 * Announces friend requests that come while the page is open, over whatever the user looks at, and counts those that
 * wait in the title of the page.
 */
import {
  AcceptFriendRequestDocument,
  DeclineFriendRequestDocument,
  type FriendRequestFieldsFragment,
  type NearbyFriendsClient,
} from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PeopleView } from './use-people.js';
import './request-toasts.css';

export function RequestToasts({ client, people: { people, act } }: RequestToastsProps): JSX.Element {
  const incoming = people?.incoming ?? NONE;
  const [announced, setAnnounced] = useState<ReadonlySet<string>>(new Set());
  const [failure, setFailure] = useState<string | null>(null);
  const known = useRef<ReadonlySet<string> | null>(null);

  useEffect(() => {
    if (people === null) return;
    const before = known.current;
    known.current = new Set([...(before ?? []), ...people.incoming.map(({ id }) => id)]);
    // What was there at the start is in the list.
    const came = before === null ? [] : people.incoming.filter(({ id }) => !before.has(id));
    if (came.length > 0) setAnnounced((shown) => new Set([...shown, ...came.map(({ id }) => id)]));
  }, [people]);

  useEffect(() => {
    document.title = incoming.length > 0 ? `(${incoming.length}) ${TITLE}` : TITLE;
  }, [incoming.length]);
  useEffect(
    () => () => {
      document.title = TITLE;
    },
    [],
  );

  function dismiss(requestId: string): void {
    setAnnounced((shown) => new Set([...shown].filter((id) => id !== requestId)));
  }

  async function answer(action: () => Promise<unknown>): Promise<void> {
    setFailure(await act(action));
  }

  const shown = incoming.filter(({ id }) => announced.has(id));
  return (
    <div class="toasts" role="log" aria-label="New friend requests">
      {failure !== null && (
        <p role="alert" class="error">
          {failure}
        </p>
      )}
      {shown.slice(0, MOST_SHOWN).map(({ id, from }) => (
        <div key={id} class="toast">
          <p>
            <bdi class="name">{from.displayName}</bdi> <span class="handle">@{from.handle}</span> wants to be
            friends.
          </p>
          <span role="group" aria-label={`Request of ${from.displayName}`}>
            <button
              type="button"
              class="primary"
              onClick={() =>
                void answer(() => client.request(AcceptFriendRequestDocument, { requestId: id }))
              }
            >
              Accept
            </button>
            <button
              type="button"
              onClick={() =>
                void answer(() => client.request(DeclineFriendRequestDocument, { requestId: id }))
              }
            >
              Decline
            </button>
            <button
              type="button"
              onClick={() => {
                dismiss(id);
              }}
            >
              Later
            </button>
          </span>
        </div>
      ))}
      {shown.length > MOST_SHOWN && <p>{shown.length - MOST_SHOWN} more in the list of friends.</p>}
    </div>
  );
}

interface RequestToastsProps {
  readonly client: NearbyFriendsClient;
  readonly people: PeopleView;
}

const NONE: readonly FriendRequestFieldsFragment[] = [];
const TITLE = document.title;
/** More would hide the page. */
const MOST_SHOWN = 3;
