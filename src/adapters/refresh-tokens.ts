/** Refresh tokens of 256 random bits, in base64url; the store sees their SHA-256 only, which such tokens need no salt for. */
import { createHash, randomBytes } from 'node:crypto';
import type { RefreshTokens } from '../services/accounts.js';

export function createRefreshTokens({ lifetimeMs }: { readonly lifetimeMs: number }): RefreshTokens {
  const hash = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());
  return {
    make(nowMs) {
      const text = randomBytes(32).toString('base64url');
      return { text, hash: hash(text), expiresAtMs: nowMs + lifetimeMs };
    },
    hash,
  };
}
