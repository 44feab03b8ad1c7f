import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const me: QueryResolvers['me'] = (_parent, _args, context) =>
  context.services.accounts.me(requireViewer(context));
