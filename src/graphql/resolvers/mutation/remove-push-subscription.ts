import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const removePushSubscription: MutationResolvers['removePushSubscription'] = (
  _parent,
  { endpoint },
  context,
) => context.services.push.unsubscribe(requireViewer(context), endpoint);
