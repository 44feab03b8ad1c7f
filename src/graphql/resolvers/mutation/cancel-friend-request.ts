import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const cancelFriendRequest: MutationResolvers['cancelFriendRequest'] = (
  _parent,
  { requestId },
  context,
) => context.services.friends.cancel(requireViewer(context), requestId);
