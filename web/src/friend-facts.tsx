/** Where a friend is, how exactly that is known and since when, and how fast the friend moves. */
import type { NearbyFriend } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { age, type Wording } from './wording.js';

export function FriendFacts({ entry, wording, nowMs }: FriendFactsProps): JSX.Element {
  const { accuracyMeters, speedMetersPerSecond } = entry.location;
  const around = accuracyMeters == null ? null : `within about ${wording.distance(accuracyMeters)}`;
  const accuracy = entry.precision === 'APPROXIMATE' ? ['Approximate place', around] : [around];
  return (
    <ul class="facts">
      <li>
        <strong>{wording.distance(entry.distanceMeters)} away</strong>
      </li>
      <li>Last update {age(Date.parse(entry.updatedAt), nowMs)} ago</li>
      {accuracyMeters != null && <li>{accuracy.filter((text) => text !== null).join(', ')}</li>}
      {speedMetersPerSecond != null && speedMetersPerSecond >= MOVING && (
        <li>Moving at {wording.speed(speedMetersPerSecond)}</li>
      )}
    </ul>
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
