import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const node: QueryResolvers['node'] = (_parent, { id }, context) =>
  context.services.friends.findById(requireViewer(context), id, context.address);
