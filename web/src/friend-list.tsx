/** The rows of all friends, those first that are asked for, a hundred at a time. */
import type { NearbyFriendsClient, UserFieldsFragment } from 'nearby-friends-client';
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { EndingDialog } from './ending-dialog.js';
import { friendsMatching } from './friend-filter.js';
import { FriendItem } from './friend-item.js';
import { seenBy } from './seen-by-one.js';
import type { FarFriends } from './use-far-friends.js';
import type { NearbyView } from './use-nearby-friends.js';
import type { PeopleView } from './use-people.js';
import type { SharingView } from './use-sharing.js';
import type { Wording } from './wording.js';

export function FriendList(props: FriendListProps): JSX.Element {
  const { client, friends, children, view, far, act, sharing, wording, nowMs, chosenId, onChoose, heading } =
    props;
  const [text, setText] = useState('');
  const [most, setMost] = useState(STEP);
  const [removing, setRemoving] = useState<UserFieldsFragment | null>(null);
  const matching = useMemo(() => friendsMatching(friends, text), [friends, text]);
  const near = useMemo(() => new Map(view.friends.map((entry) => [entry.friend.id, entry])), [view.friends]);
  const exceptions = useMemo(
    () => sharing.exceptions && new Map(sharing.exceptions.map((each) => [each.friend.id, each])),
    [sharing.exceptions],
  );

  function whereabouts(friendId: string): string | null {
    const entry = near.get(friendId) ?? far(friendId);
    if (entry === undefined) return null;
    return entry === null ? 'Not visible' : `${wording.distance(entry.distanceMeters)} away`;
  }

  return (
    <>
      {friends.length > FEW && (
        <label class="filter">
          Find a friend
          <input
            type="search"
            value={text}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setMost(STEP);
            }}
          />
        </label>
      )}
      <p class="hint" role="status">
        {matching.length !== friends.length && `${matching.length} of ${friends.length} friends`}
      </p>
      <ul class="people" aria-label="Friends and requests">
        {children}
        {matching.slice(0, most).map((friend) => {
          const exception = exceptions === null ? undefined : (exceptions.get(friend.id) ?? null);
          return (
            <FriendItem
              key={friend.id}
              friend={friend}
              whereabouts={whereabouts(friend.id)}
              seen={seenBy(exception, wording, nowMs)}
              isException={exception != null}
              isChosen={friend.id === chosenId}
              onChoose={onChoose}
              onRemove={setRemoving}
            />
          );
        })}
      </ul>
      {matching.length > most && (
        <button
          type="button"
          onClick={() => {
            setMost(most + STEP);
          }}
        >
          Show more
        </button>
      )}
      {removing !== null && (
        <EndingDialog
          client={client}
          act={act}
          ending={{ friend: removing, by: 'removing' }}
          focusOtherwise={heading}
          onClose={() => {
            setRemoving(null);
          }}
        />
      )}
    </>
  );
}

/** So many rows are shown at first, and so many more each time. */
const STEP = 100;
/** So few friends are found at a glance. */
const FEW = 5;

interface FriendListProps {
  readonly client: NearbyFriendsClient;
  readonly friends: readonly UserFieldsFragment[];
  /** Rows before those of the friends. */
  readonly children: ComponentChildren;
  readonly view: NearbyView;
  readonly far: FarFriends;
  readonly act: PeopleView['act'];
  readonly sharing: SharingView;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
  /** The friend whose card is open; null for none. */
  readonly chosenId: string | null;
  readonly heading: RefObject<HTMLElement | null>;
  onChoose(friendId: string): void;
}
