/** Keeps every client's list as a client would, and compares it with the places of all friends. */
import { distanceMeters } from '../../../src/domain/distance.js';
import type { Delivery } from '../protocols.js';
import type { Place } from '../walks.js';

/** The defaults of all systems. */
export const RADIUS_METERS = 8_046.72;
const TTL_MS = 600_000;
/** How far servers' ideas of when a user was last heard of may be apart, beside the second in which they notice. */
const TOLERANCE_MS = 3_000;

export function createLists(users: number) {
  const lists = Array.from({ length: users }, () => new Map<string, Place>());
  const listOf = (user: number): Map<string, Place> => lists[user] as Map<string, Place>;

  return {
    /** Begins a list anew, for a client that connects. */
    begin(user: number): void {
      listOf(user).clear();
    },

    receive(user: number, { isWhole, nearby, leftIds }: Delivery): void {
      const list = listOf(user);
      if (isWhole) list.clear();
      for (const { friend, location } of nearby) list.set(friend.id, location);
      for (const friendId of leftIds) list.delete(friendId);
    },

    /** Whether a user's list has the friends that it must have, each in the right place, and nobody else. */
    isRight(user: number, viewer: Sighting | null, friends: readonly Friend[]): boolean {
      const list = listOf(user);
      let shown = 0;
      for (const { id, sighting } of friends) {
        const entry = list.get(id);
        if (entry !== undefined) shown += 1;
        const must = mustBeShown(viewer, sighting);
        if (must === 'no' && entry !== undefined) return false;
        if (must === 'yes' && (entry === undefined || !isSame(entry, sighting?.place))) return false;
      }
      return shown === list.size;
    },
  };
}

/** Where a user was at the newest update. */
export interface Sighting {
  readonly place: Place;
  /** How long ago that was. */
  readonly ageMs: number;
}

export interface Friend {
  readonly id: string;
  /** Null before the first update. */
  readonly sighting: Sighting | null;
}

export const isNear = (a: Place, b: Place): boolean => distanceMeters(a, b) <= RADIUS_METERS;

/** Who went away stays on lists for the TTL; around its end either is right. */
function mustBeShown(viewer: Sighting | null, friend: Sighting | null): 'yes' | 'no' | 'maybe' {
  if (viewer === null || friend === null || !isNear(viewer.place, friend.place)) return 'no';
  if (Math.abs(friend.ageMs - TTL_MS) < TOLERANCE_MS) return 'maybe';
  return friend.ageMs < TTL_MS ? 'yes' : 'no';
}

const isSame = (a: Place, b: Place | undefined): boolean =>
  a.latitude === b?.latitude && a.longitude === b.longitude;
