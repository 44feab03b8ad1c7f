/** Refresh tokens are secrets that expire. */
import type { RefreshTokens } from '../services/accounts.js';
import { secrets } from './secrets.js';

export function createRefreshTokens({ lifetimeMs }: { readonly lifetimeMs: number }): RefreshTokens {
  return {
    make: (nowMs) => ({ ...secrets.make(), expiresAtMs: nowMs + lifetimeMs }),
    hash: secrets.hash,
  };
}
