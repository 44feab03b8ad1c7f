/** How near one friend has to come for the user to be told. It shows nothing where the server sends no notifications. */
import type { UserFieldsFragment } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import './notifications-control.css';
import { Notifications } from './use-notifications.js';
import type { Wording } from './wording.js';

export function NearAlertChoice({ friend, wording }: NearAlertChoiceProps): JSX.Element | null {
  const view = useContext(Notifications);
  if (view === null || !view.isOffered) return null;
  const meters = view.alerts?.get(friend.id) ?? null;
  const radii = wording.unit === 'metric' ? METERS : MILES;
  const offered = [...new Set([...radii, ...(meters === null ? [] : [meters])])].sort((a, b) => a - b);
  return (
    <span class="near-alert">
      <label>
        Tell me when within{' '}
        <select
          value={meters ?? ''}
          disabled={view.alerts === null}
          onChange={({ currentTarget: { value } }) =>
            void view.setAlert(friend.id, value === '' ? null : Number(value))
          }
        >
          <option value="">Off</option>
          {offered.map((each) => (
            <option key={each} value={each}>
              {wording.distance(each)}
            </option>
          ))}
        </select>
      </label>
      {meters !== null && view.state !== 'on' && (
        <span class="hint">Notifications are off on this device.</span>
      )}
    </span>
  );
}

interface NearAlertChoiceProps {
  readonly friend: Pick<UserFieldsFragment, 'id'>;
  readonly wording: Wording;
}

const METERS = [500, 1_000, 2_000, 5_000, 20_000];
const MILES = [0.25, 0.5, 1, 3, 10].map((miles) => miles * 1_609.344);
