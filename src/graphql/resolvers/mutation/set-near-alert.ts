import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const setNearAlert: MutationResolvers['setNearAlert'] = (
  _parent,
  { friendId, radiusMeters },
  context,
) => context.services.nearAlerts.set(requireViewer(context), friendId, radiusMeters ?? null);
