import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const deleteAccount: MutationResolvers['deleteAccount'] = (_parent, _args, context) =>
  context.services.accounts.deleteAccount(requireViewer(context));
