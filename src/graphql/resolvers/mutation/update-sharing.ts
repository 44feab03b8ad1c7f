import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const updateSharing: MutationResolvers['updateSharing'] = (_parent, { input }, context) => {
  const { enabled, until, maxRadiusMeters, precision } = input;
  return context.services.friends.updateSharing(requireViewer(context), {
    enabled,
    untilMs: until ?? null,
    maxRadiusMeters,
    precision: precision ?? undefined,
  });
};
