import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const deleteLocationHistory: MutationResolvers['deleteLocationHistory'] = (
  _parent,
  { from, to },
  context,
) =>
  context.services.locationHistory.delete(requireViewer(context), { fromMs: from ?? null, toMs: to ?? null });
