/**
 * All about one friend: where the friend is, as far as that may be known now, what the friend sees, and how to end it.
 * It stays while it is open, whatever becomes of the friend.
 */
import type { NearbyFriend, NearbyFriendsClient, UserFieldsFragment } from 'nearby-friends-client';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { EndingDialog, type Ending } from './ending-dialog.js';
import { FriendFacts } from './friend-facts.js';
import type { PeopleView } from './use-people.js';
import type { Wording } from './wording.js';
import './friend-card.css';

export function FriendCard(props: FriendCardProps): JSX.Element {
  const { client, friend, isFriend, entry, wording, nowMs, act, seenBy, nearAlert, onClose } = props;
  const [ending, setEnding] = useState<Ending | null>(null);
  const card = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const headingId = useId();

  useEffect(() => {
    const opener = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    return () => {
      const focused = document.activeElement;
      const isHere = focused === document.body || card.current?.contains(focused) === true;
      if (isHere && opener instanceof HTMLElement) opener.focus();
    };
  }, []);

  return (
    <>
      <section
        ref={card}
        class="card"
        aria-labelledby={headingId}
        onKeyDown={({ key }) => {
          if (key === 'Escape') onClose();
        }}
      >
        <header>
          <h2 ref={heading} id={headingId} tabIndex={-1}>
            <bdi class="name">{friend.displayName}</bdi> <span class="handle">@{friend.handle}</span>
          </h2>
          <button type="button" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        </header>
        <p role="status">{statusText(props)}</p>
        {isFriend && entry != null && <FriendFacts entry={entry} wording={wording} nowMs={nowMs} />}
        {isFriend && seenBy}
        {isFriend && nearAlert}
        <div class="actions">
          {isFriend && (
            <button
              type="button"
              onClick={() => {
                setEnding({ friend, by: 'removing' });
              }}
            >
              Remove friend
            </button>
          )}
          <button
            type="button"
            onClick={() => {
              setEnding({ friend, by: 'blocking' });
            }}
          >
            Block
          </button>
        </div>
      </section>
      {ending !== null && (
        <EndingDialog
          client={client}
          act={act}
          ending={ending}
          focusOtherwise={heading}
          onClose={() => {
            setEnding(null);
          }}
        />
      )}
    </>
  );
}

interface FriendCardProps {
  readonly client: NearbyFriendsClient;
  readonly friend: UserFieldsFragment;
  /** False when the friendship has ended. */
  readonly isFriend: boolean;
  /** Where the friend is; null for a friend who is not visible, undefined while that is not known. */
  readonly entry: NearbyFriend | null | undefined;
  /** Whether the friend is on the live list. */
  readonly isNear: boolean;
  /** What the friend sees of the user. */
  readonly seenBy: ComponentChildren;
  /** When the user is told that the friend comes near. */
  readonly nearAlert: ComponentChildren;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
  readonly act: PeopleView['act'];
  onClose(): void;
}

/** What a screen reader reads out when it changes, unlike distances and ages. */
function statusText({ friend, isFriend, entry, isNear }: FriendCardProps): string {
  if (!isFriend) return `${friend.displayName} is not your friend any more.`;
  if (entry === null) return `${friend.displayName} is not visible now.`;
  return entry === undefined || isNear ? '' : `${friend.displayName} is not near.`;
}
