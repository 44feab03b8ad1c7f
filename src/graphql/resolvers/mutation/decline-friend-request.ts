import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const declineFriendRequest: MutationResolvers['declineFriendRequest'] = (
  _parent,
  { requestId },
  context,
) => context.services.friends.decline(requireViewer(context), requestId);
