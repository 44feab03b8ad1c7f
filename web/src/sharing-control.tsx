/** Says whether friends see the user now, how exactly and from how far away, and changes that for all. */
import {
  type NearbyFriendsClient,
  SharingDocument,
  UpdateSharingDocument,
  type UpdateSharingInput,
} from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Choices } from './choices.js';
import { failureText } from './failure-text.js';
import { pauseEnds } from './pause.js';
import { radiiWith } from './radii.js';
import { sharingSentence } from './sharing-sentence.js';
import type { SharingView } from './use-sharing.js';
import type { Wording } from './wording.js';

export function SharingControl({ client, view, wording, nowMs }: SharingControlProps): JSX.Element {
  const [failure, setFailure] = useState<string | null>(null);
  const turn = useRef(Promise.resolve());
  const { state, exceptions } = view;
  const sharing = state?.sharing ?? null;
  const error = failure ?? view.error;
  const isLive = state?.connection.state === 'live';
  const isKnown = state !== null && (exceptions !== null || !isLive);

  /** What is not wanted otherwise stays as it is, on the server: this tab may not know it yet. */
  async function change(wanted: Partial<UpdateSharingInput>): Promise<void> {
    setFailure(null);
    try {
      const { sharing: now } = await client.request(SharingDocument);
      const enabled = wanted.enabled ?? now.enabled;
      const until = enabled === now.enabled ? now.until : null;
      await client.request(UpdateSharingDocument, { input: { until, ...wanted, enabled } });
    } catch (caught) {
      setFailure(failureText(caught));
    }
  }

  /** One change after the other, so that the last one holds. */
  function choose(wanted: Partial<UpdateSharingInput>): void {
    turn.current = turn.current.then(() => change(wanted));
  }

  return (
    <div class="sharing" role="group" aria-label="Sharing">
      <p role="status">
        {isKnown && sharingSentence(state, wording, nowMs)}
        {exceptions !== null && exceptions.length > 0 && (
          <>
            {' '}
            <a href="#people">There are exceptions.</a>
          </>
        )}
      </p>
      {error !== null && (
        <p role="alert" class="error">
          {error}
        </p>
      )}
      <div class="rows">
        <Choices
          options={[
            { label: 'Share', value: true, isChosen: sharing?.enabled === true },
            { label: 'Pause', value: false, isChosen: sharing?.enabled === false },
          ]}
          isDisabled={!isLive}
          onChoose={(enabled) => {
            if (enabled !== sharing?.enabled) choose({ enabled });
          }}
        />
        {sharing?.enabled === false && (
          <Choices
            options={pauseEnds(sharing.until === null ? null : Date.parse(sharing.until), nowMs).map(
              (end) => ({
                ...end,
                value: end.untilMs,
              }),
            )}
            isDisabled={!isLive}
            onChoose={(untilMs) => {
              choose({ enabled: false, until: untilMs === null ? null : new Date(untilMs).toISOString() });
            }}
          />
        )}
        <Choices
          options={[
            { label: 'Exactly', value: 'EXACT' as const, isChosen: sharing?.precision === 'EXACT' },
            {
              label: 'Approximately',
              value: 'APPROXIMATE' as const,
              isChosen: sharing?.precision === 'APPROXIMATE',
            },
          ]}
          isDisabled={!isLive}
          onChoose={(precision) => {
            choose({ precision });
          }}
        />
        <LimitChoice
          meters={sharing?.maxRadiusMeters}
          wording={wording}
          isDisabled={!isLive}
          onChoose={(maxRadiusMeters) => {
            choose({ maxRadiusMeters });
          }}
        />
      </div>
    </div>
  );
}

/** From how far away friends see the user. */
function LimitChoice({ meters, wording, isDisabled, onChoose }: LimitChoiceProps): JSX.Element {
  return (
    <label class="radius">
      Maximum distance
      <select
        value={meters ?? ''}
        disabled={isDisabled}
        onChange={({ currentTarget: { value } }) => {
          onChoose(value === '' ? null : Number(value));
        }}
      >
        <option value="">{meters === undefined ? '' : 'any'}</option>
        {radiiWith(wording.unit, ...(meters == null ? [] : [meters])).map((each) => (
          <option key={each} value={each}>
            {wording.distance(each)}
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
