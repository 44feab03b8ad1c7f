import { toConnection } from '../../connection.js';
import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const blockedUsers: QueryResolvers['blockedUsers'] = async (_parent, args, context) => {
  const page = await context.services.friends.blockedPage(requireViewer(context), args);
  return { ...toConnection(page), totalCount: page.totalCount };
};
