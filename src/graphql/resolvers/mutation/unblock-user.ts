import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const unblockUser: MutationResolvers['unblockUser'] = (_parent, { userId }, context) =>
  context.services.friends.unblock(requireViewer(context), userId);
