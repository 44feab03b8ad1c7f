import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const blockUser: MutationResolvers['blockUser'] = (_parent, { userId }, context) =>
  context.services.friends.block(requireViewer(context), userId);
