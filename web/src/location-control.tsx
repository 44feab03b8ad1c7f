/** Says where the page takes the user's location from, and what to do when the device does not give it. */
import type { JSX } from 'preact';
import { Choices } from './choices.js';
import { whyNoDevice } from './device-location.js';
import type { Place } from './page-setup.js';
import { type LocationChoice, markerAt, type MyLocation } from './use-my-location.js';

export function LocationControl({ mine, place }: LocationControlProps): JSX.Element {
  const noDevice = whyNoDevice();
  const { from } = mine.choice;
  const isRefused = from === 'device' && (noDevice !== null || mine.device === 'refused');
  const option = (label: string, value: LocationChoice) => ({ label, value, isChosen: from === value.from });
  const ways = [option('Use a marker', markerAt(place ?? FIRST_PLACE)), option('Off', { from: 'nowhere' })];
  if (noDevice === null) ways.unshift(option('Use my location', { from: 'device' }));
  return (
    <div class="location" role="group" aria-label="My location">
      <p role="status" class={isRefused ? 'error' : ''}>
        {sentenceFor(mine, noDevice)}
      </p>
      {mine.problem !== null && (
        <p role="alert" class="error">
          {mine.problem}
        </p>
      )}
      <Choices
        options={ways}
        primary={from === 'nowhere' ? ways[0] : undefined}
        isDisabled={false}
        onChoose={mine.choose}
      />
    </div>
  );
}

interface LocationControlProps {
  readonly mine: MyLocation;
  /** The user's location; null when it is not known. */
  readonly place: Place | null;
}

function sentenceFor({ choice, device }: MyLocation, noDevice: string | null): string {
  if (choice.from === 'marker') return 'You are at your marker. Drag it, or click the map.';
  if (noDevice !== null) return noDevice;
  if (choice.from === 'nowhere') return 'Your location is off. Turn it on to see which friends are near.';
  return OF_DEVICE[device];
}

const OF_DEVICE: Readonly<Record<MyLocation['device'], string>> = {
  looking: 'Looking for your location … If your browser asks, choose Allow.',
  found: 'You are where this device is.',
  late: 'Your device has not found its location yet. It keeps looking; you can use a marker meanwhile.',
  refused:
    'Your browser does not let this page see your location. Allow it in the settings beside the address, and on a phone ' +
    'in its own settings, too; the page then goes on. Or use a marker instead.',
};

/** Where the marker starts when the user has not placed it. */
const FIRST_PLACE: Place = { latitude: 37.9755, longitude: 23.7348 };
