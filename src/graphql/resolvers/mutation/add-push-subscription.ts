import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const addPushSubscription: MutationResolvers['addPushSubscription'] = (_parent, { input }, context) =>
  context.services.push.subscribe(requireViewer(context), input);
