import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const removeFriend: MutationResolvers['removeFriend'] = (_parent, { userId }, context) =>
  context.services.friends.remove(requireViewer(context), userId);
