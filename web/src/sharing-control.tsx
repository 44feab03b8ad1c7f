/** Pauses and resumes sharing, also when another tab or device has done so. */
import {
  NearbyFriendsError,
  type NearbyFriendsClient,
  SharingDocument,
  UpdateSharingDocument,
} from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { failureText } from './failure-text.js';

export function SharingControl({ client }: { readonly client: NearbyFriendsClient }): JSX.Element {
  const [enabled, setEnabled] = useState<boolean | null>(null);
  const [error, setError] = useState<string | null>(null);

  useEffect(() => {
    const read = (): void => {
      client.request(SharingDocument).then(({ sharing }) => {
        setEnabled(sharing.enabled);
      }, ignoreSignOut);
    };
    read();
    addEventListener('focus', read);
    return () => {
      removeEventListener('focus', read);
    };
  }, [client]);

  async function toggle(): Promise<void> {
    setError(null);
    try {
      const { updateSharing } = await client.request(UpdateSharingDocument, { input: { enabled: !enabled } });
      setEnabled(updateSharing.enabled);
    } catch (caught) {
      setError(failureText(caught));
    }
  }

  return (
    <p class="sharing">
      <button
        type="button"
        aria-pressed={enabled === false}
        disabled={enabled === null}
        onClick={() => void toggle()}
      >
        Pause sharing
      </button>{' '}
      <span role="status">
        {enabled === false ? 'Friends do not see you.' : enabled && 'Friends see you.'}
      </span>
      {error !== null && (
        <span role="alert" class="error">
          {error}
        </span>
      )}
    </p>
  );
}

/** Ignores errors of the SDK, such as that of a sign-out, after which the control is gone. */
function ignoreSignOut(error: unknown): void {
  if (!(error instanceof NearbyFriendsError)) throw error;
}
