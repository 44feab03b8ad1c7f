import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const sendFriendRequest: MutationResolvers['sendFriendRequest'] = (_parent, { userId }, context) =>
  context.services.friends.sendRequest(requireViewer(context), userId);
