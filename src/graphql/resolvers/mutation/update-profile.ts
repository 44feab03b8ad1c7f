import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const updateProfile: MutationResolvers['updateProfile'] = (_parent, { input }, context) =>
  context.services.accountSettings.updateProfile(requireViewer(context), input);
