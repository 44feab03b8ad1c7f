import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const updateLocation: MutationResolvers['updateLocation'] = (_parent, { input }, context) => {
  const { recordedAt, ...position } = input;
  return context.services.publishLocation(requireViewer(context), { ...position, recordedAtMs: recordedAt });
};
