/** Asks before a friendship ends: by removing the friend, or by blocking. */
import {
  BlockUserDocument,
  type NearbyFriendsClient,
  RemoveFriendDocument,
  type UserFieldsFragment,
} from 'nearby-friends-client';
import type { JSX, RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Modal } from './modal.js';
import type { PeopleView } from './use-people.js';

export function EndingDialog({
  client,
  act,
  ending,
  focusOtherwise,
  onClose,
}: EndingDialogProps): JSX.Element {
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const hasEnded = useRef(false);
  const { friend, by } = ending;
  const { question, consequence, end, label } = WAYS[by];

  async function confirm(): Promise<void> {
    setBusy(true);
    const failure = await act(() => end(client, friend.id));
    setBusy(false);
    setError(failure);
    if (failure !== null) return;
    hasEnded.current = true;
    onClose();
  }

  return (
    <Modal
      title={question(friend.displayName)}
      focusOtherwise={focusOtherwise}
      isOver={hasEnded}
      onClose={onClose}
    >
      <p>{consequence}</p>
      {error !== null && (
        <p role="alert" class="error">
          {error}
        </p>
      )}
      <div class="actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="danger" disabled={isBusy} onClick={() => void confirm()}>
          {label}
        </button>
      </div>
    </Modal>
  );
}

/** A friendship that may be about to end. */
export interface Ending {
  readonly friend: UserFieldsFragment;
  readonly by: 'removing' | 'blocking';
}

interface EndingDialogProps {
  readonly client: NearbyFriendsClient;
  readonly act: PeopleView['act'];
  readonly ending: Ending;
  /** What to focus when the button that asked is gone. */
  readonly focusOtherwise: RefObject<HTMLElement | null>;
  onClose(): void;
}

const WAYS = {
  removing: {
    question: (name: string) => `Remove ${name}?`,
    consequence:
      'You no longer see each other. To be friends again, one of you has to ask, and the other has to accept.',
    end: (client: NearbyFriendsClient, userId: string): Promise<unknown> =>
      client.request(RemoveFriendDocument, { userId }),
    label: 'Remove friend',
  },
  blocking: {
    question: (name: string) => `Block ${name}?`,
    consequence:
      'You are no longer friends and no longer see each other. Neither of you can find the other or ask to be friends.',
    end: (client: NearbyFriendsClient, userId: string): Promise<unknown> =>
      client.request(BlockUserDocument, { userId }),
    label: 'Block',
  },
} as const;
