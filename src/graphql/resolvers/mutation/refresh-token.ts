import { toAuthPayload } from '../../auth-payload.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const refreshToken: MutationResolvers['refreshToken'] = async (
  _parent,
  { refreshToken: token },
  context,
) => toAuthPayload(await context.services.accounts.refreshToken(token));
