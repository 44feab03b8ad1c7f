import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const clearSharingException: MutationResolvers['clearSharingException'] = (
  _parent,
  { friendId },
  context,
) => context.services.friends.clearException(requireViewer(context), friendId);
