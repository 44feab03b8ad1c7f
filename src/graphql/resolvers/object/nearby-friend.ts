import type { NearbyFriendResolvers } from '../../generated/resolvers.js';

export const NearbyFriend: NearbyFriendResolvers = {
  updatedAt: (nearby) => nearby.location.receivedAtMs,
};
