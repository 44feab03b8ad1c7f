import type { NearbyFriendResolvers } from '../../generated/resolvers.js';

export const NearbyFriend: NearbyFriendResolvers = {
  precision: ({ location }) => (location.isApproximate === true ? 'APPROXIMATE' : 'EXACT'),
  updatedAt: (nearby) => nearby.location.receivedAtMs,
};
