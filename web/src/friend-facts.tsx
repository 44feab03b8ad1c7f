/** Where a friend is, how exactly that is known and since when, how fast the friend moves, and a link that leads there. */
import type { NearbyFriend } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { directionsTo } from './directions.js';
import { age, type Wording } from './wording.js';

export function FriendFacts({ entry, wording, nowMs }: FriendFactsProps): JSX.Element {
  const { accuracyMeters, speedMetersPerSecond } = entry.location;
  const accuracy = [
    ...(entry.precision === 'APPROXIMATE' ? ['Approximate place'] : []),
    ...(accuracyMeters == null ? [] : [`within about ${wording.distance(accuracyMeters)}`]),
  ].join(', ');
  const directions = directionsTo(entry.location, navigator.userAgent);
  return (
    <>
      <ul class="facts">
        <li>
          <strong>{wording.distance(entry.distanceMeters)} away</strong>
        </li>
        <li>Last update {age(Date.parse(entry.updatedAt), nowMs)} ago</li>
        {accuracy !== '' && <li>{accuracy}</li>}
        {speedMetersPerSecond != null && speedMetersPerSecond >= MOVING && (
          <li>Moving at {wording.speed(speedMetersPerSecond)}</li>
        )}
      </ul>
      <a
        class="button"
        href={directions}
        // Apps open beside the page, and need no tab.
        target={directions.startsWith('https:') ? '_blank' : undefined}
        rel="noreferrer"
      >
        Directions
      </a>
    </>
  );
}

interface FriendFactsProps {
  readonly entry: NearbyFriend;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Metres a second. Devices at rest report less. */
const MOVING = 0.5;
