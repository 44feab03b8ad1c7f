import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const sharing: QueryResolvers['sharing'] = (_parent, _args, context) =>
  context.services.friends.sharing(requireViewer(context));
