import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const acceptFriendRequest: MutationResolvers['acceptFriendRequest'] = (
  _parent,
  { requestId },
  context,
) => context.services.friends.accept(requireViewer(context), requestId);
