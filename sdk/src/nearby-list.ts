/**
 * Builds the list of nearby friends from the messages of a nearbyFriends subscription, as the schema says: a
 * snapshot replaces the list, `nearby` inserts or replaces friends, and `left` removes friends.
 */
import type {
  LocationFieldsFragment,
  NearbyFriendFieldsFragment,
  NearbyFriendsSubscription,
} from './generated/operations.js';

/** The list before the first message. */
export const EMPTY_LIST: NearbyList = { friends: [], origin: null };

/** Returns the list as it is after one more message. The given list stays unchanged. */
export function applyFrame(list: NearbyList, { snapshot, nearby, left, origin }: NearbyFrame): NearbyList {
  const byId = new Map(snapshot ? [] : list.friends.map((entry) => [entry.friend.id, entry] as const));
  for (const entry of nearby) byId.set(entry.friend.id, entry);
  for (const { friendId } of left) byId.delete(friendId);
  const friends = [...byId.values()].sort((a, b) => a.distanceMeters - b.distanceMeters);
  return { friends, origin: origin ?? null };
}

export type Location = LocationFieldsFragment;
export type NearbyFriend = NearbyFriendFieldsFragment;
export type NearbyFrame = NearbyFriendsSubscription['nearbyFriends'];

/**
 * The whole list at one moment. Each change makes a new list, in which an unchanged entry is the same object.
 */
export interface NearbyList {
  /** Sorted by distance, the nearest first. */
  readonly friends: readonly NearbyFriend[];
  /**
   * The user's own location, from which distances are measured. Null before the user's first location, and
   * again when the newest one is older than the server keeps locations (ten minutes by default).
   */
  readonly origin: Location | null;
}
