import { toAuthPayload } from '../../auth-payload.js';
import type { MutationResolvers } from '../../generated/resolvers.js';

export const refreshToken: MutationResolvers['refreshToken'] = async (
  _parent,
  { refreshToken: token },
  { services, socket },
) => {
  const grant = await services.accounts.refreshToken(token);
  const { user, sessionId, accessTokenExpiresAtMs: expiresAtMs, accessTokenKeyId: keyId } = grant;
  socket?.goOnAs({ userId: user.id, sessionId, expiresAtMs, keyId });
  return toAuthPayload(grant);
};
