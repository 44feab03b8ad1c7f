import { toConnection } from '../../connection.js';
import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const friendRequests: QueryResolvers['friendRequests'] = async (_parent, args, context) =>
  toConnection(await context.services.friends.requestsPage(requireViewer(context), args.direction, args));
