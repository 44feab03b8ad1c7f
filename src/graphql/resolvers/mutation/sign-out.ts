import { requireViewer } from '../../context.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const signOut: MutationResolvers['signOut'] = (_parent, _args, context) =>
  context.services.accounts.signOut(context.formerViewer ?? requireViewer(context));
