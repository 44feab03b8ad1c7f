import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const createDeviceToken: MutationResolvers['createDeviceToken'] = (_parent, { name }, context) =>
  context.services.deviceTokens.create(requireViewer(context), name);
