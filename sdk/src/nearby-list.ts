/**
 * The list of nearby friends, put together from the messages of a nearbyFriends subscription as the schema says: a
 * snapshot replaces it, `nearby` inserts or replaces by friend, `left` takes off.
 */
import type {
  LocationFieldsFragment,
  NearbyFriendFieldsFragment,
  NearbyFriendsSubscription,
} from './generated/operations.js';

export const EMPTY_LIST: NearbyList = { friends: [], origin: null };

/** The list after one message. */
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

/** The whole list at one moment. A new object at every change; an entry that did not change is the same object. */
export interface NearbyList {
  /** Nearest first. */
  readonly friends: readonly NearbyFriend[];
  /** Where distances are measured from; null until the user's own first location, and when that is ten minutes old. */
  readonly origin: Location | null;
}
