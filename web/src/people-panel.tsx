/** All friends, and friend requests, with a form to add a friend by handle and an invitation for others to do so. */
import {
  AcceptFriendRequestDocument,
  CancelFriendRequestDocument,
  DeclineFriendRequestDocument,
  MeDocument,
  type NearbyFriendsClient,
  type UserFieldsFragment,
} from 'nearby-friends-client';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { AddFriendForm } from './add-friend-form.js';
import { FriendList } from './friend-list.js';
import { InviteDialog } from './invite-dialog.js';
import type { FarFriends } from './use-far-friends.js';
import { useInView } from './use-in-view.js';
import type { NearbyView } from './use-nearby-friends.js';
import type { PeopleView } from './use-people.js';
import type { SharingView } from './use-sharing.js';
import type { Wording } from './wording.js';
import './people-panel.css';

export function PeoplePanel(props: PeoplePanelProps): JSX.Element {
  const { client, people: view, onLook, ...rest } = props;
  const { people, error, act } = view;
  const [actionError, setActionError] = useState<string | null>(null);
  const [me, setMe] = useState<UserFieldsFragment | null>(null);
  const [isInviting, setInviting] = useState(false);
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const isInView = useInView(section);

  useEffect(() => {
    onLook(isInView);
  }, [onLook, isInView]);

  useEffect(() => {
    client.request(MeDocument).then(
      (answer) => {
        setMe(answer.me);
      },
      () => undefined,
    );
  }, [client]);

  async function run(action: () => Promise<unknown>): Promise<void> {
    setActionError(await act(action));
  }

  return (
    <section ref={section} aria-labelledby="people">
      <h2 ref={heading} id="people" tabIndex={-1}>
        Friends{people !== null && ` (${people.friends.length})`}
      </h2>
      {me !== null && (
        <p class="hint">
          Your handle is <strong>@{me.handle}</strong>. Share it so friends can find you.{' '}
          <button
            type="button"
            onClick={() => {
              setInviting(true);
            }}
          >
            Invite
          </button>
        </p>
      )}
      {me !== null && isInviting && (
        <InviteDialog
          handle={me.handle}
          onClose={() => {
            setInviting(false);
          }}
        />
      )}
      <AddFriendForm client={client} act={act} />
      {(actionError ?? error) !== null && (
        <p role="alert" class="error">
          {actionError ?? error}
        </p>
      )}
      <FriendList {...rest} client={client} act={act} friends={people?.friends ?? []} heading={heading}>
        {people?.incoming.map(({ id, from }) => (
          <Person key={id} user={from} note="Wants to be friends">
            <button
              type="button"
              onClick={() => void run(() => client.request(AcceptFriendRequestDocument, { requestId: id }))}
            >
              Accept
            </button>
            <button
              type="button"
              onClick={() => void run(() => client.request(DeclineFriendRequestDocument, { requestId: id }))}
            >
              Decline
            </button>
          </Person>
        ))}
        {people?.outgoing.map(({ id, to }) => (
          <Person key={id} user={to} note="Request sent">
            <button
              type="button"
              onClick={() => void run(() => client.request(CancelFriendRequestDocument, { requestId: id }))}
            >
              Cancel
            </button>
          </Person>
        ))}
      </FriendList>
    </section>
  );
}

interface PeoplePanelProps {
  readonly client: NearbyFriendsClient;
  readonly people: PeopleView;
  readonly view: NearbyView;
  readonly far: FarFriends;
  readonly sharing: SharingView;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
  /** The friend whose card is open; null for none. */
  readonly chosenId: string | null;
  onChoose(friendId: string): void;
  /** Called with whether the panel is in the window. */
  onLook(isInView: boolean): void;
}

interface PersonProps {
  readonly user: UserFieldsFragment;
  readonly note: string;
  readonly children: ComponentChildren;
}

/** Shows a person with buttons. The group's label says to screen readers whom the buttons are about. */
function Person({ user, note, children }: PersonProps): JSX.Element {
  return (
    <li>
      <span role="group" aria-label={`${user.displayName}, @${user.handle}`}>
        <bdi class="name">{user.displayName}</bdi> <span class="handle">@{user.handle}</span>
        <span class="note">{note}</span>
        <span class="actions">{children}</span>
      </span>
    </li>
  );
}
