import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const endSession: MutationResolvers['endSession'] = (_parent, { id }, context) =>
  context.services.accountSettings.endSession(requireViewer(context), id);
