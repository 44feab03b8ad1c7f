import { toConnection } from '../../connection.js';
import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const sharingExceptions: QueryResolvers['sharingExceptions'] = async (_parent, args, context) =>
  toConnection(await context.services.friends.exceptionsPage(requireViewer(context), args));
