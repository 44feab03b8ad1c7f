import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const changePassword: MutationResolvers['changePassword'] = (_parent, { input }, context) =>
  context.services.accountSettings.changePassword(requireViewer(context), input, context.address);
