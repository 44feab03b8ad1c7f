import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const revokeDeviceToken: MutationResolvers['revokeDeviceToken'] = (_parent, { id }, context) =>
  context.services.deviceTokens.revoke(requireViewer(context), id);
