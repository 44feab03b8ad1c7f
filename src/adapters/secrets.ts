/** Secrets of 256 random bits in base64url. Their SHA-256 needs no salt, as they are random. */
import { createHash, randomBytes } from 'node:crypto';
import type { Secrets } from '../services/device-tokens.js';

export const secrets: Secrets = {
  make() {
    const text = randomBytes(32).toString('base64url');
    return { text, hash: hashOf(text) };
  },
  hash: hashOf,
};

function hashOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(text).digest());
}
