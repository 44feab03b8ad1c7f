/** Tells from the frames of a list which friends have come within the distance at which a user wants to be told. */
import type { NearbyFrame } from './proximity-gate.js';
import type { UserCard } from './user.js';

/** Who is near counts as near until farther away than the radius times this, so that nobody comes by trembling. */
export const LEAVE_FACTOR = 1.2;

/**
 * Takes a frame.
 * @param near the ids of the friends who were near. It is changed.
 * @param radii by friend, metres; others cause no alert.
 * @returns the friends who were not near and are now.
 */
export function takeArrivals(
  near: Set<string>,
  frame: Pick<NearbyFrame, 'snapshot' | 'nearby' | 'left'>,
  radii: ReadonlyMap<string, number>,
): UserCard[] {
  const before = new Set(near);
  if (frame.snapshot) near.clear();
  for (const { friendId } of frame.left) near.delete(friendId);
  const arrived: UserCard[] = [];
  for (const { friend, distanceMeters } of frame.nearby) {
    const radiusMeters = radii.get(friend.id) ?? -Infinity;
    const wasNear = before.has(friend.id);
    const isNear = distanceMeters <= radiusMeters * (wasNear ? LEAVE_FACTOR : 1);
    if (isNear) near.add(friend.id);
    else near.delete(friend.id);
    if (isNear && !wasNear) arrived.push(friend);
  }
  return arrived;
}
