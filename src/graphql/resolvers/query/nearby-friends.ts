import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const nearbyFriends: QueryResolvers['nearbyFriends'] = (_parent, { radiusMeters }, context) =>
  context.services.nearbyFriends.list(requireViewer(context), radiusMeters);
