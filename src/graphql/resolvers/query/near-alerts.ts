import { toConnection } from '../../connection.js';
import { requireViewer } from '../../context.js';
import type { QueryResolvers } from '../../generated/resolvers.js';

export const nearAlerts: QueryResolvers['nearAlerts'] = async (_parent, args, context) =>
  toConnection(await context.services.nearAlerts.page(requireViewer(context), args));
