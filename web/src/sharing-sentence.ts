/** A sentence for people about what friends may see of the user now, apart from exceptions. */
import type { SharingState } from 'nearby-friends-client';
import type { Wording } from './wording.js';

/** It changes once a minute at most while nothing else does: screen readers read it out. */
export function sharingSentence(
  { sharing, place, connection }: SharingState,
  wording: Wording,
  nowMs: number,
): string {
  if (connection.state !== 'live')
    return 'Without a connection, this page cannot tell whether friends see you.';
  const until = sharing.until === null ? null : wording.instant(Date.parse(sharing.until), nowMs);
  const lasting = until === null ? '' : ` until ${until}`;
  if (!sharing.enabled) return `Friends do not see you${lasting}.`;
  if (place === null) return `Friends may see you${lasting}, but there is no live location.`;
  const about = sharing.precision === 'APPROXIMATE' ? ' approximately' : '';
  const minutes = Math.floor((nowMs - Date.parse(place.updatedAt)) / 60_000);
  const isOther = place.ofThisDevice === false;
  if (minutes < 1)
    return `Friends see you${about}${isOther ? ' where another of your devices is' : ''}${lasting}.`;
  const who = isOther ? 'another of your devices was' : 'you were';
  const hours = Math.floor(minutes / 60);
  const ago = hours > 0 ? plural(hours, 'hour') : plural(minutes, 'minute');
  return `Friends see you${about} where ${who} ${ago} ago${lasting && `,${lasting}`}.`;
}

const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;
