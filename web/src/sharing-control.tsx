/** Says whether friends see the user now, how exactly and from how far away, and changes that for all. */
import {
  type NearbyFriendsClient,
  SharingDocument,
  UpdateSharingDocument,
  type UpdateSharingInput,
} from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type Choice, Choices } from './choices.js';
import { failureText } from './failure-text.js';
import { RADII_METERS, radiiWith } from './radii.js';
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

  /** What is not wanted otherwise stays as it is, on the server: this tab may not know it yet. */
  async function change(wanted: Partial<UpdateSharingInput>): Promise<void> {
    setChanging(true);
    setFailure(null);
    try {
      const { sharing } = await client.request(SharingDocument);
      const enabled = wanted.enabled ?? sharing.enabled;
      const until = enabled === sharing.enabled ? sharing.until : null;
      await client.request(UpdateSharingDocument, { input: { ...wanted, enabled, until } });
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
        onChoose={(wanted) => void change(wanted)}
      />
      <LimitChoice
        meters={state?.sharing.maxRadiusMeters}
        wording={wording}
        isDisabled={!isLive || isChanging}
        onChoose={(maxRadiusMeters) => void change({ maxRadiusMeters })}
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

/** From how far away friends see the user. */
function LimitChoice({ meters, wording, isDisabled, onChoose }: LimitChoiceProps): JSX.Element {
  return (
    <label class="radius">
      From how far away?
      <select
        value={meters ?? ''}
        disabled={isDisabled}
        onChange={({ currentTarget: { value } }) => {
          onChoose(value === '' ? null : Number(value));
        }}
      >
        <option value="">{meters === undefined ? '' : 'any distance'}</option>
        {(meters == null ? RADII_METERS : radiiWith(meters)).map((each) => (
          <option key={each} value={each}>
            {wording.distance(each)} at most
          </option>
        ))}
      </select>
    </label>
  );
}

interface LimitChoiceProps {
  /** Null for no limit, undefined while it is not known. */
  readonly meters: number | null | undefined;
  readonly wording: Wording;
  readonly isDisabled: boolean;
  onChoose(meters: number | null): void;
}

interface SharingControlProps {
  readonly client: NearbyFriendsClient;
  readonly view: SharingView;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
}

type Sharing = NonNullable<SharingView['state']>['sharing'];

function optionsFor(sharing: Sharing | null): readonly Choice<Partial<UpdateSharingInput>>[] {
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
