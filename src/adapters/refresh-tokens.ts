/**
 * Refresh tokens of 256 random bits in base64url. The store sees only their SHA-256, which needs no salt for
 * random tokens.
 */
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
