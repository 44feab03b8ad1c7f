import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const server: QueryResolvers['server'] = (_parent, _args, context) => {
  requireViewer(context);
  return context.services.serverInfo();
};
