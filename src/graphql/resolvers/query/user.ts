import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const user: QueryResolvers['user'] = (_parent, { handle }, context) =>
  context.services.friends.findByHandle(requireViewer(context), handle, context.address);
