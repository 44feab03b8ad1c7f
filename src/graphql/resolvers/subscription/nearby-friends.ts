import type { NearbyFrame } from '../../../domain/proximity-gate.js';
import { requireViewer } from '../../context.js';
import type { SubscriptionResolvers } from '../../generated/resolvers.js';

export const nearbyFriends: SubscriptionResolvers['nearbyFriends'] = {
  subscribe: (_parent, radius, context) =>
    context.services.nearbyFriends.subscribe(requireViewer(context), radius, context.client),
  resolve: (frame: NearbyFrame) => frame,
};
