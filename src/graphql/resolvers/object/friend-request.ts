import type { FriendRequestResolvers } from '../../generated/resolvers.js';

export const FriendRequest: FriendRequestResolvers = {
  createdAt: ({ createdAtMs }) => createdAtMs,
};
