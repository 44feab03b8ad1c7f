/** The card of the friend who is chosen, with what is known of that friend now. Failures stay when the card is closed. */
import type { NearbyFriendsClient, UserFieldsFragment } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { failureText } from './failure-text.js';
import { FriendCard } from './friend-card.js';
import { FriendSees } from './friend-sees.js';
import { NearAlertChoice } from './near-alert-choice.js';
import type { Exception } from './seen-by-one.js';
import type { FarFriends } from './use-far-friends.js';
import type { NearbyView } from './use-nearby-friends.js';
import type { PeopleView } from './use-people.js';
import { exceptionOf, type SharingView } from './use-sharing.js';
import type { Wording } from './wording.js';

export function ChosenFriend(props: ChosenFriendProps): JSX.Element | null {
  const { client, friendId, view, far, people, sharing, wording, nowMs, onClose } = props;
  const [failure, setFailure] = useState<string | null>(null);
  const [beforeHiding] = useState(() => new Map<string, Exception>());
  /** Who was chosen, as long as nothing newer is known. */
  const known = useRef<UserFieldsFragment | null>(null);

  if (failure !== null) {
    return (
      <section class="card" aria-label="Failure">
        <p role="alert" class="error">
          {failure}
        </p>
        <button
          type="button"
          onClick={() => {
            setFailure(null);
          }}
        >
          Dismiss
        </button>
      </section>
    );
  }
  if (friendId === null) return null;
  const near = view.friends.find(({ friend }) => friend.id === friendId);
  const entry = near ?? far(friendId);
  const listed = people.people?.friends.find(({ id }) => id === friendId);
  const isFriend = near !== undefined || listed !== undefined || people.people === null;
  if (known.current?.id !== friendId) known.current = null;
  const friend = (known.current = near?.friend ?? listed ?? entry?.friend ?? known.current);
  if (friend === null) return null;

  function run(action: () => Promise<unknown>): void {
    action().catch((error: unknown) => {
      setFailure(failureText(error));
    });
  }

  return (
    <FriendCard
      key={friendId}
      client={client}
      friend={friend}
      isFriend={isFriend}
      entry={entry}
      isNear={near !== undefined}
      wording={wording}
      nowMs={nowMs}
      act={people.act}
      nearAlert={<NearAlertChoice friend={friend} wording={wording} />}
      seenBy={
        <FriendSees
          client={client}
          friend={friend}
          exception={exceptionOf(sharing, friendId)}
          beforeHiding={beforeHiding}
          nowMs={nowMs}
          run={run}
          onChosen={onClose}
        />
      }
      onClose={onClose}
    />
  );
}

interface ChosenFriendProps {
  readonly client: NearbyFriendsClient;
  /** Null when nobody is chosen. */
  readonly friendId: string | null;
  readonly view: NearbyView;
  readonly far: FarFriends;
  readonly people: PeopleView;
  readonly sharing: SharingView;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
  onClose(): void;
}
