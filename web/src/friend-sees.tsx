/** What one friend sees of the user: one tap hides and shows again, another one chooses among all there is. */
import {
  ClearSharingExceptionDocument,
  type NearbyFriendsClient,
  SetSharingExceptionDocument,
  type SharingExceptionInput,
  type UserFieldsFragment,
} from 'nearby-friends-client';
import type { JSX } from 'preact';
import { Choices } from './choices.js';
import { type Exception, HIDDEN, seenByChoices, type SeenByOne } from './seen-by-one.js';

export function FriendSees(props: FriendSeesProps): JSX.Element {
  const { client, friend, exception, beforeHiding, nowMs, run, onChosen } = props;
  const { id: friendId, displayName } = friend;
  const isHidden = exception?.enabled === false;

  const set = (input: Omit<SharingExceptionInput, 'friendId'>): Promise<unknown> =>
    client.request(SetSharingExceptionDocument, { input: { ...input, friendId } });

  const show = (seen: SeenByOne | null): Promise<unknown> => {
    if (seen === null) return client.request(ClearSharingExceptionDocument, { friendId });
    const { enabled, precision, forMs } = seen;
    const until = forMs === null ? null : new Date(client.now() + forMs).toISOString();
    return set({ enabled, precision, until });
  };

  function hide(): Promise<unknown> {
    beforeHiding.set(friendId, exception);
    return show(HIDDEN);
  }

  /** As before, where that is known, and as all others otherwise. */
  function showAgain(): Promise<unknown> {
    const was = beforeHiding.get(friendId);
    if (was == null || (was.until !== null && Date.parse(was.until) <= nowMs)) return show(null);
    const { enabled, precision, until } = was;
    return set({ enabled, precision, until });
  }

  return (
    <>
      <button
        type="button"
        class="hide"
        disabled={exception === undefined}
        onClick={() => {
          run(isHidden ? showAgain : hide);
        }}
      >
        {isHidden ? 'Show me again to ' : 'Hide from '}
        <bdi>{displayName}</bdi>
      </button>
      <div
        id={choicesIdOf(friendId)}
        class="exception"
        role="group"
        aria-label={`How ${displayName} sees me`}
      >
        <span class="hint">Sees me</span>
        <Choices
          options={seenByChoices(exception)}
          isDisabled={exception === undefined}
          onChoose={(next) => {
            onChosen();
            run(() => show(next));
          }}
        />
      </div>
    </>
  );
}

/** The id of the element with the choices for a friend. */
export const choicesIdOf = (friendId: string): string => `seen-by-${friendId}`;

interface FriendSeesProps {
  readonly client: NearbyFriendsClient;
  readonly friend: UserFieldsFragment;
  readonly exception: Exception;
  /** What friends saw from whom the user hid, by their ids. */
  readonly beforeHiding: Map<string, Exception>;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
  run(action: () => Promise<unknown>): void;
  /** Called when the user has chosen, and wants nothing more. */
  onChosen(): void;
}
