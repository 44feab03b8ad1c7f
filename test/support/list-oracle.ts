/** What a list has to hold, by brute force: shares no code with the server. */
import { metersBetween, type Place } from './sphere.js';

const DEFAULT_RADIUS_METERS = 8_046.72;
/** Nearer to the radius than this, either answer is right. */
const AT_THE_RADIUS_METERS = 1e-3;

/** What of an entry is compared. */
export interface ListEntry {
  readonly friend: { readonly id: string };
  readonly distanceMeters: number;
  readonly location: Place;
}

export interface Watched {
  /** Where the owner of the list is; undefined when nobody knows. */
  readonly origin: Place | undefined;
  /** Where the friends are whom the owner may see, by id. */
  readonly friends: ReadonlyMap<string, Place>;
  readonly radiusMeters?: number | undefined;
}

/** Null, or what is wrong with a list. */
export function listFault(
  { origin, friends, radiusMeters = DEFAULT_RADIUS_METERS }: Watched,
  entries: Iterable<ListEntry>,
): string | null {
  const [near, either] = [new Map<string, number>(), new Set<string>()];
  for (const [id, at] of friends) {
    const meters = origin === undefined ? Infinity : metersBetween(origin, at);
    if (Math.abs(meters - radiusMeters) < AT_THE_RADIUS_METERS) either.add(id);
    if (meters <= radiusMeters) near.set(id, meters);
  }
  const missing = new Set(near.keys());
  for (const { friend, distanceMeters, location } of entries) {
    const [meters, at] = [near.get(friend.id), friends.get(friend.id)];
    missing.delete(friend.id);
    if (meters === undefined) {
      if (!either.has(friend.id)) return `${friend.id} should not be there, ${distanceMeters} m`;
    } else if (Math.abs(distanceMeters - meters) > meters * 1e-3 + 1e-3) {
      return `${friend.id} is at ${meters} m, not ${distanceMeters}`;
    } else if (location.latitude !== at?.latitude || location.longitude !== at.longitude) {
      return `${friend.id} is shown at an old place`;
    }
  }
  for (const id of either) missing.delete(id);
  return missing.size > 0 ? `${[...missing].join(', ')} missing` : null;
}
