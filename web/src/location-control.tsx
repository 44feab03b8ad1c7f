/** Lets the user choose where the page takes the user's location from. */
import type { JSX } from 'preact';
import type { Place } from './page-setup.js';
import { type LocationChoice, markerAt, type MyLocation } from './use-my-location.js';

export function LocationControl({ mine, place }: LocationControlProps): JSX.Element {
  const noDevice = whyNoDevice();
  const options: readonly LocationOption[] = [
    { label: 'Where this device is', choice: { from: 'device' }, disabled: noDevice !== null },
    { label: 'Where I put my marker', choice: markerAt(place ?? FIRST_PLACE) },
    { label: 'Do not share a location', choice: { from: 'nowhere' } },
  ];
  return (
    <fieldset>
      <legend>Where am I?</legend>
      {options.map(({ label, choice, disabled }) => (
        <label key={choice.from}>
          <input
            type="radio"
            name="location"
            disabled={disabled}
            checked={mine.choice.from === choice.from}
            onChange={() => {
              mine.choose(choice);
            }}
          />
          {label}
        </label>
      ))}
      {noDevice !== null && <p class="hint">{noDevice}</p>}
      {mine.choice.from === 'marker' && (
        <p class="hint">Drag it, click the map, or focus it and use the arrow keys.</p>
      )}
      {mine.problem !== null && (
        <p role="alert" class="error">
          {mine.problem}
        </p>
      )}
    </fieldset>
  );
}

interface LocationControlProps {
  readonly mine: MyLocation;
  /** The user's location; null when it is not known. */
  readonly place: Place | null;
}

interface LocationOption {
  readonly label: string;
  readonly choice: LocationChoice;
  readonly disabled?: boolean;
}

/** Returns why the page cannot know where the device is; null when it can. */
function whyNoDevice(): string | null {
  if (!isSecureContext) {
    return 'Browsers tell where the device is only to pages on https or on this computer. Your marker works here.';
  }
  const { geolocation } = navigator as Partial<Navigator>;
  return geolocation === undefined ? 'This browser cannot tell where the device is.' : null;
}

/** Where the marker starts when the user has not placed it. */
const FIRST_PLACE: Place = { latitude: 37.9755, longitude: 23.7348 };
