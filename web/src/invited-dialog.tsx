/** Asks whether to send a request to somebody whose invitation was opened. */
import {
  type NearbyFriendsClient,
  SendFriendRequestDocument,
  UserDocument,
  type UserFieldsFragment,
} from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { failureText } from './failure-text.js';
import { Modal } from './modal.js';
import type { PeopleView } from './use-people.js';

export function InvitedDialog({ client, handle, people, onClose }: InvitedDialogProps): JSX.Element {
  const [user, setUser] = useState<UserFieldsFragment | null | undefined>(undefined);
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    client.request(UserDocument, { handle }).then(
      (answer) => {
        setUser(answer.user ?? null);
      },
      (failure: unknown) => {
        setError(failureText(failure));
      },
    );
  }, [client, handle]);

  async function send({ id }: UserFieldsFragment): Promise<void> {
    setBusy(true);
    const failure = await people.act(() => client.request(SendFriendRequestDocument, { userId: id }));
    setBusy(false);
    setError(failure);
    if (failure === null) onClose();
  }

  const obstacle = user === undefined ? null : obstacleTo(user, client.userId, people);
  return (
    <Modal title="Add a friend" onClose={onClose}>
      {user === undefined && error === null && <p role="status">Looking for @{handle} …</p>}
      {user != null && (
        <p>
          <bdi class="name">{user.displayName}</bdi> <span class="handle">@{user.handle}</span>
        </p>
      )}
      {obstacle !== null && <p role="status">{obstacle}</p>}
      {error !== null && (
        <p role="alert" class="error">
          {error}
        </p>
      )}
      <div class="actions">
        <button type="button" onClick={onClose}>
          {obstacle === null ? 'Not now' : 'Close'}
        </button>
        {user != null && obstacle === null && (
          <button type="button" class="primary" disabled={isBusy} onClick={() => void send(user)}>
            Send request
          </button>
        )}
      </div>
    </Modal>
  );
}

interface InvitedDialogProps {
  readonly client: NearbyFriendsClient;
  /** Of who has invited. */
  readonly handle: string;
  readonly people: PeopleView;
  onClose(): void;
}

/** Why no request can be sent; null when one can. */
function obstacleTo(
  user: UserFieldsFragment | null,
  ownId: string | null,
  { people }: PeopleView,
): string | null {
  if (user === null) return 'Nobody has the handle in this invitation.';
  if (user.id === ownId) return 'This invitation is your own. Send it to somebody else.';
  if (people?.friends.some(({ id }) => id === user.id) === true) return 'You are friends already.';
  return people?.outgoing.some(({ to }) => to.id === user.id) === true
    ? 'You have sent a request already.'
    : null;
}
