import { toConnection } from '../../connection.js';
import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const sessions: QueryResolvers['sessions'] = async (_parent, args, context) =>
  toConnection(await context.services.accountSettings.sessionsPage(requireViewer(context), args));
