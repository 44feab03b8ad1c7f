/** Everything that the user may see and change of the own account, in a dialog above the page. */
import {
  type ConnectionState,
  MeDocument,
  type NearbyFriendsClient,
  type UserFieldsFragment,
} from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { AccountDeletion } from './account-deletion.js';
import { AccountDevices } from './account-devices.js';
import { AccountHistory } from './account-history.js';
import { AccountName } from './account-name.js';
import { AccountPassword } from './account-password.js';
import './account-view.css';
import { BlockedPeople } from './blocked-people.js';
import { ConnectionBadge } from './connection-badge.js';
import { ErrorBoundary } from './error-boundary.js';
import { failureText } from './failure-text.js';
import { Failure } from './failure.js';
import { SessionList } from './session-list.js';
import type { HistoryDay } from './use-history-day.js';
import type { Wording } from './wording.js';

export function AccountView(props: AccountViewProps): JSX.Element {
  const { client, connection, history, wording, nowMs, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [me, setMe] = useState<UserFieldsFragment | null>(null);
  const [error, setError] = useState<string | null>(null);
  /** Another number when sessions have ended together. */
  const [sessions, setSessions] = useState(0);

  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  useEffect(() => {
    client.request(MeDocument).then(
      (answer) => {
        setMe(answer.me);
      },
      (caught: unknown) => {
        setError(failureText(caught));
      },
    );
  }, [client]);

  return (
    <dialog ref={dialog} class="account" aria-labelledby="account" onClose={onClose}>
      <header>
        <h2 id="account">Account</h2>
        <ConnectionBadge connection={connection} nowMs={nowMs} />
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <ErrorBoundary>
        <Failure text={error} />
        {me !== null && (
          <>
            <AccountName client={client} me={me} />
            <AccountPassword
              client={client}
              handle={me.handle}
              onChanged={() => {
                setSessions((before) => before + 1);
              }}
            />
          </>
        )}
        <SessionList key={sessions} client={client} wording={wording} nowMs={nowMs} />
        {me !== null && <AccountDevices client={client} handle={me.handle} wording={wording} nowMs={nowMs} />}
        <BlockedPeople client={client} />
        <AccountHistory
          client={client}
          history={history}
          wording={wording}
          nowMs={nowMs}
          onShow={() => dialog.current?.close()}
        />
        {me !== null && <AccountDeletion client={client} handle={me.handle} onDeleted={props.onDeleted} />}
      </ErrorBoundary>
    </dialog>
  );
}

interface AccountViewProps {
  readonly client: NearbyFriendsClient;
  readonly connection: ConnectionState;
  readonly history: HistoryDay;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
  onClose(): void;
  /** Called when the account is gone. */
  onDeleted(): void;
}
