import type { NearbyFriendResolvers } from '../../generated/resolvers.js';

export const NearbyFriend: NearbyFriendResolvers = {
  precision: () => 'EXACT',
  updatedAt: (nearby) => nearby.location.receivedAtMs,
};
