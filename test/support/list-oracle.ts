/**
 * What a list has to hold, by brute force: shares no code with the server. Places are compared as they are, so they have to
 * be the ones that the server told.
 */
import { metersBetween, type Place } from './sphere.js';

const DEFAULT_RADIUS_METERS = 8_046.72;
/** So much the two computations may differ: nearer to the radius, or to the middle of two centimetres, either is right. */
const COMPUTED_WITHIN_METERS = 1e-6;

/** Of 7, with what a double can't say of them. */
const HALF_OF_THE_LAST_DECIMAL = 0.5e-7 + 1e-13;

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
  /** Those who are on the list leave it only so much farther away. Default: 0. */
  readonly leaveMarginMeters?: number;
  readonly onList?: ReadonlySet<string>;
}

/** Null, or what is wrong with a list. */
export function listFault(watched: Watched, entries: Iterable<ListEntry>): string | null {
  const { friends } = watched;
  const { near, either } = nearOf(watched);
  const missing = new Set(near.keys());
  for (const { friend, distanceMeters, location } of entries) {
    const [meters, at] = [near.get(friend.id), friends.get(friend.id)];
    missing.delete(friend.id);
    if (meters === undefined) {
      if (!either.has(friend.id)) return `${friend.id} should not be there, ${distanceMeters} m`;
    } else if (!isToldAs(meters, distanceMeters)) {
      return `${friend.id} is at ${meters} m, not ${distanceMeters}`;
    } else if (location.latitude !== at?.latitude || location.longitude !== at.longitude) {
      return `${friend.id} is shown at an old place`;
    }
  }
  for (const id of either) missing.delete(id);
  return missing.size > 0 ? `${[...missing].join(', ')} missing` : null;
}

/** Who is to be on a list, with the distance in metres, and who may be, being at the very edge. */
export function nearOf({
  origin,
  friends,
  radiusMeters = DEFAULT_RADIUS_METERS,
  leaveMarginMeters = 0,
  onList = new Set(),
}: Watched): { near: Map<string, number>; either: Set<string> } {
  const [near, either] = [new Map<string, number>(), new Set<string>()];
  for (const [id, at] of friends) {
    const meters = origin === undefined ? Infinity : metersBetween(origin, at);
    const mostMeters = radiusMeters + (onList.has(id) ? leaveMarginMeters : 0);
    if (Math.abs(meters - mostMeters) < COMPUTED_WITHIN_METERS) either.add(id);
    if (meters <= mostMeters) near.set(id, meters);
  }
  return { near, either };
}

/** Whether a distance is told as it should be: to the centimetre. */
export const isToldAs = (meters: number, told: number): boolean =>
  [-COMPUTED_WITHIN_METERS, COMPUTED_WITHIN_METERS].some(
    (difference) => Number(Math.abs(meters + difference).toFixed(2)) === told,
  );

/** Null, or what is wrong with how a place is told: as the nearest one with 7 decimals. */
export function toldFault(sent: Place, told: Place): string | null {
  for (const axis of ['latitude', 'longitude'] as const) {
    if (Number(told[axis].toFixed(7)) !== told[axis]) return `${axis} ${told[axis]} has more than 7 decimals`;
    if (Math.abs(told[axis] - sent[axis]) > HALF_OF_THE_LAST_DECIMAL)
      return `${axis} ${sent[axis]} is told as ${told[axis]}`;
  }
  return null;
}
