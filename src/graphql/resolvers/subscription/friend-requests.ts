import type { FriendRequest } from '../../../domain/friendship.js';
import { requireViewer } from '../../context.js';
import type { SubscriptionResolvers } from '../../generated/resolvers.js';

export const friendRequests: SubscriptionResolvers['friendRequests'] = {
  subscribe: (_parent, _args, context) => context.services.friendRequestStream(requireViewer(context)),
  resolve: (request: FriendRequest) => request,
};
