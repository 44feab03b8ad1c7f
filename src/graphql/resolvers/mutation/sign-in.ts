import { toAuthPayload } from '../../auth-payload.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const signIn: MutationResolvers['signIn'] = async (_parent, { input }, context) =>
  toAuthPayload(await context.services.accounts.signIn(input, context.address));
