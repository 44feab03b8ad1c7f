/** The people whom the user has blocked, with buttons to unblock them. */
import { BlockedUsersDocument, type NearbyFriendsClient, UnblockUserDocument } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import { PagedList } from './paged-list.js';
import { usePages } from './use-pages.js';

export function BlockedPeople({ client }: { readonly client: NearbyFriendsClient }): JSX.Element {
  const read = useCallback(
    async (first: number, after: string | null) =>
      (await client.request(BlockedUsersDocument, { first, after })).blockedUsers,
    [client],
  );
  const blocked = usePages(read);

  return (
    <section aria-labelledby="account-blocked">
      <h3 id="account-blocked">Blocked people</h3>
      <p class="hint">
        {blocked.items?.length === 0
          ? 'You have blocked nobody.'
          : 'They cannot find you or ask to be your friend. Unblocking does not make you friends again.'}
      </p>
      <PagedList pages={blocked} label="Blocked people">
        {({ id, handle, displayName }) => (
          <li key={id}>
            <div role="group" aria-label={`${displayName}, @${handle}`}>
              <span>
                <bdi class="name">{displayName}</bdi>
                <span class="handle">@{handle}</span>
              </span>
              <button
                type="button"
                disabled={blocked.busy}
                onClick={() => void blocked.change(() => client.request(UnblockUserDocument, { userId: id }))}
              >
                Unblock
              </button>
            </div>
          </li>
        )}
      </PagedList>
    </section>
  );
}
