import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const clearLocation: MutationResolvers['clearLocation'] = (_parent, _args, context) =>
  context.services.locations.clear(requireViewer(context));
