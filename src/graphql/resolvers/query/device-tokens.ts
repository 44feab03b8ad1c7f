import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const deviceTokens: QueryResolvers['deviceTokens'] = (_parent, _args, context) =>
  context.services.deviceTokens.list(requireViewer(context));
