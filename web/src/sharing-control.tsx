/** Says whether friends see the user now, and pauses and resumes that. */
import { type NearbyFriendsClient, UpdateSharingDocument } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { failureText } from './failure-text.js';
import { sharingSentence } from './sharing-sentence.js';
import type { SharingView } from './use-sharing.js';
import type { Wording } from './wording.js';

export function SharingControl({ client, view, wording, nowMs }: SharingControlProps): JSX.Element {
  const [isChanging, setChanging] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { state } = view;
  const error = failure ?? (view.error === null ? null : failureText(view.error));
  const isKnown = state?.connection.state === 'live';

  async function toggle(enabled: boolean): Promise<void> {
    setChanging(true);
    setFailure(null);
    try {
      await client.request(UpdateSharingDocument, { input: { enabled } });
    } catch (caught) {
      setFailure(failureText(caught));
    }
    setChanging(false);
  }

  return (
    <p class="sharing">
      <button
        type="button"
        aria-pressed={state?.sharing.enabled === false}
        disabled={!isKnown || isChanging}
        onClick={() => void (state !== null && toggle(!state.sharing.enabled))}
      >
        Pause sharing
      </button>{' '}
      <span role="status">{state !== null && sharingSentence(state, wording, nowMs)}</span>
      {error !== null && (
        <span role="alert" class="error">
          {error}
        </span>
      )}
    </p>
  );
}

interface SharingControlProps {
  readonly client: NearbyFriendsClient;
  readonly view: SharingView;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
}
