/** A sentence for people about what friends may see of the user now. */
import type { SharingState } from 'nearby-friends-client';
import type { Wording } from './wording.js';

/** It changes once a minute at most while nothing else does: screen readers read it out. */
export function sharingSentence(
  state: SharingState,
  hasExceptions: boolean,
  wording: Wording,
  nowMs: number,
): string {
  if (state.connection.state !== 'live') return 'Whether friends see you is not known without a connection.';
  const sentence = sentenceForAll(state, wording, nowMs);
  return hasExceptions ? `${sentence} There are exceptions.` : sentence;
}

function sentenceForAll({ sharing, place }: SharingState, wording: Wording, nowMs: number): string {
  const until = sharing.until === null ? null : wording.instant(Date.parse(sharing.until), nowMs);
  const lasting = until === null ? '' : ` until ${until}`;
  if (!sharing.enabled) return `Friends do not see you${lasting}.`;
  if (place === null) return `Friends may see you${lasting}, but there is no live place.`;
  const about = sharing.precision === 'APPROXIMATE' ? ' approximately' : '';
  const minutes = Math.floor((nowMs - Date.parse(place.updatedAt)) / 60_000);
  const isOther = place.ofThisDevice === false;
  if (minutes < 1)
    return `Friends see you${about}${isOther ? ' where another device of yours is' : ''}${lasting}.`;
  const who = isOther ? 'another device of yours was' : 'you were';
  return `Friends see you${about} where ${who} ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ago${lasting && `,${lasting}`}.`;
}
