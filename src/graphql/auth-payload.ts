import type { Grant } from '../services/accounts.js';

export function toAuthPayload({ accessTokenExpiresAtMs, ...rest }: Grant) {
  return { ...rest, accessTokenExpiresAt: accessTokenExpiresAtMs };
}
