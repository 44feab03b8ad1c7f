import type { SharingState } from '../../../services/sharing-stream.js';
import { requireViewer } from '../../context.js';
import type { SubscriptionResolvers } from '../../generated/resolvers.js';

export const sharing: SubscriptionResolvers['sharing'] = {
  subscribe: (_parent, { device }, context) =>
    context.services.sharingStream.subscribe(requireViewer(context), device ?? null),
  resolve: (state: SharingState) => state,
};
