import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const deleteAccount: MutationResolvers['deleteAccount'] = (_parent, _args, context) => {
  const { accounts } = context.services;
  if (context.formerViewer !== null) return accounts.deleteAccountAgain(context.formerViewer);
  return accounts.deleteAccount(requireViewer(context));
};
