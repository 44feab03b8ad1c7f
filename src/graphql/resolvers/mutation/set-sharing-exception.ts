import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const setSharingException: MutationResolvers['setSharingException'] = (
  _parent,
  { input },
  context,
) => {
  const { friendId, enabled = true, precision = 'EXACT', until } = input;
  const exception = { enabled, precision, untilMs: until ?? null };
  return context.services.friends.setException(requireViewer(context), friendId, exception);
};
