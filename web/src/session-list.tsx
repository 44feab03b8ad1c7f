/** Where the user is signed in, newest first, with buttons that end the other sessions. */
import { EndSessionDocument, type NearbyFriendsClient, SessionsDocument } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import { PagedList } from './paged-list.js';
import { usePages } from './use-pages.js';
import { age, type Wording } from './wording.js';

export function SessionList({ client, wording, nowMs }: SessionListProps): JSX.Element {
  const read = useCallback(
    async (first: number, after: string | null) =>
      (await client.request(SessionsDocument, { first, after })).sessions,
    [client],
  );
  const sessions = usePages(read);

  return (
    <section aria-labelledby="account-sessions">
      <h3 id="account-sessions">Sessions</h3>
      <PagedList pages={sessions} label="Sessions">
        {({ id, createdAt, lastUsedAt, isCurrent }) => {
          const signedIn = `Signed in ${wording.dateAndTime(Date.parse(createdAt))}`;
          return (
            <li key={id}>
              <div role="group" aria-label={signedIn}>
                <span>
                  {signedIn}
                  <span class="note">
                    {isCurrent ? 'This session' : `Last used ${age(Date.parse(lastUsedAt), nowMs)} ago`}
                  </span>
                </span>
                {!isCurrent && (
                  <button
                    type="button"
                    disabled={sessions.busy}
                    onClick={() => void sessions.change(() => client.request(EndSessionDocument, { id }))}
                  >
                    End it
                  </button>
                )}
              </div>
            </li>
          );
        }}
      </PagedList>
    </section>
  );
}

interface SessionListProps {
  readonly client: NearbyFriendsClient;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
}
