/** Friends, what each of them sees, and friend requests, with a form to add a friend by handle. */
import {
  AcceptFriendRequestDocument,
  CancelFriendRequestDocument,
  ClearSharingExceptionDocument,
  DeclineFriendRequestDocument,
  MeDocument,
  type NearbyFriendsClient,
  RemoveFriendDocument,
  SendFriendRequestDocument,
  SetSharingExceptionDocument,
  UserDocument,
  type UserFieldsFragment,
} from 'nearby-friends-client';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { PageError } from './failure-text.js';
import { Field, typedHandle } from './field.js';
import { FriendItem, type SeenByOne } from './friend-item.js';
import { usePeople } from './use-people.js';
import type { SharingView } from './use-sharing.js';
import type { Wording } from './wording.js';

export function PeoplePanel({ client, sharing, wording, nowMs }: PeoplePanelProps): JSX.Element {
  const { people, error, act } = usePeople(client, sharing.friendships);
  const [actionError, setActionError] = useState<string | null>(null);
  const [handleError, setHandleError] = useState<string | null>(null);
  const [me, setMe] = useState<UserFieldsFragment | null>(null);
  const [handle, setHandle] = useState('');

  useEffect(() => {
    client.request(MeDocument).then(
      (answer) => {
        setMe(answer.me);
      },
      () => undefined,
    );
  }, [client]);

  async function sendRequest(): Promise<void> {
    const failure = await act(async () => {
      if (typedHandle(handle) === '') throw new PageError('Enter a handle.');
      const { user } = await client.request(UserDocument, { handle: typedHandle(handle) });
      if (user == null) throw new PageError('Nobody has this handle.');
      if (user.id === client.userId) throw new PageError('That is your own handle.');
      await client.request(SendFriendRequestDocument, { userId: user.id });
    });
    setActionError(null);
    setHandleError(failure);
    if (failure === null) setHandle('');
  }

  async function run(action: () => Promise<unknown>): Promise<void> {
    const failure = await act(action);
    setHandleError(null);
    setActionError(failure);
  }

  const show = (friendId: string, seen: SeenByOne | null): Promise<void> =>
    run(() => {
      if (seen === null) return client.request(ClearSharingExceptionDocument, { friendId });
      const { enabled, precision, forMs } = seen;
      const until = forMs === null ? null : new Date(client.now() + forMs).toISOString();
      return client.request(SetSharingExceptionDocument, { input: { friendId, enabled, precision, until } });
    });

  return (
    <section aria-labelledby="people">
      <h2 id="people">Friends{people !== null && ` (${people.friendCount})`}</h2>
      {me !== null && (
        <p class="hint">
          Your handle is <strong>@{me.handle}</strong>. Share it so friends can find you.
        </p>
      )}
      <form
        class="find"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void sendRequest();
        }}
      >
        <Field
          label="Add a friend by handle"
          value={handle}
          error={handleError}
          autocomplete="off"
          onInput={(event) => {
            setHandle(event.currentTarget.value);
          }}
        />
        <button type="submit">Send request</button>
      </form>
      {(actionError ?? error) !== null && (
        <p role="alert" class="error">
          {actionError ?? error}
        </p>
      )}
      <ul class="people" aria-label="Friends and requests">
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
        {people?.friends.map((friend) => (
          <FriendItem
            key={friend.id}
            friend={friend}
            exception={
              sharing.exceptions === null
                ? undefined
                : (sharing.exceptions.find((each) => each.friend.id === friend.id) ?? null)
            }
            wording={wording}
            nowMs={nowMs}
            onChoose={(seen) => void show(friend.id, seen)}
            onRemove={() => void run(() => client.request(RemoveFriendDocument, { userId: friend.id }))}
          />
        ))}
      </ul>
    </section>
  );
}

interface PeoplePanelProps {
  readonly client: NearbyFriendsClient;
  readonly sharing: SharingView;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
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
