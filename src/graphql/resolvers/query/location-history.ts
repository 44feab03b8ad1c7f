import { toConnection } from '../../connection.js';
import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const locationHistory: QueryResolvers['locationHistory'] = async (_parent, args, context) => {
  const { from, to, oldestFirst } = args;
  const range = { fromMs: from ?? null, toMs: to ?? null, oldestFirst };
  const viewer = requireViewer(context);
  return toConnection(await context.services.locationHistory.page(viewer, range, args.first, args.after));
};
