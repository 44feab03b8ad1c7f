import { toAuthPayload } from '../../auth-payload.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const signUp: MutationResolvers['signUp'] = async (_parent, { input }, context) =>
  toAuthPayload(await context.services.accounts.signUp(input, context.address));
