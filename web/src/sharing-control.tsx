/** Says whether friends see the user now, and how exactly, and changes that for all. */
import {
  type NearbyFriendsClient,
  UpdateSharingDocument,
  type UpdateSharingInput,
} from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type Choice, Choices } from './choices.js';
import { failureText } from './failure-text.js';
import { sharingSentence } from './sharing-sentence.js';
import type { SharingView } from './use-sharing.js';
import type { Wording } from './wording.js';

export function SharingControl({ client, view, wording, nowMs }: SharingControlProps): JSX.Element {
  const [isChanging, setChanging] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { state, exceptions } = view;
  const error = failure ?? view.error;
  const isLive = state?.connection.state === 'live';
  const isKnown = state !== null && (exceptions !== null || !isLive);
  const sentence = isKnown ? sharingSentence(state, exceptions?.length !== 0, wording, nowMs) : '';

  async function change(input: UpdateSharingInput): Promise<void> {
    setChanging(true);
    setFailure(null);
    try {
      await client.request(UpdateSharingDocument, { input });
    } catch (caught) {
      setFailure(failureText(caught));
    }
    setChanging(false);
  }

  return (
    <fieldset class="sharing">
      <legend>How do friends see me?</legend>
      <Choices
        options={optionsFor(state?.sharing ?? null)}
        isDisabled={!isLive || isChanging}
        onChoose={(input) => void change(input)}
      />
      <p role="status">{sentence}</p>
      {error !== null && (
        <p role="alert" class="error">
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface SharingControlProps {
  readonly client: NearbyFriendsClient;
  readonly view: SharingView;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
}

type Sharing = NonNullable<SharingView['state']>['sharing'];

function optionsFor(sharing: Sharing | null): readonly Choice<UpdateSharingInput>[] {
  const precision = sharing?.enabled === true ? sharing.precision : null;
  return [
    {
      label: 'Exactly',
      value: { enabled: true, precision: 'EXACT' },
      isChosen: precision === 'EXACT',
    },
    {
      label: 'Approximately',
      value: { enabled: true, precision: 'APPROXIMATE' },
      isChosen: precision === 'APPROXIMATE',
    },
    { label: 'Not at all', value: { enabled: false }, isChosen: sharing?.enabled === false },
  ];
}
