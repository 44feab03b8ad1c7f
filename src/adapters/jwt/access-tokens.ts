/**
 * Our own access tokens: JWTs signed with EdDSA and nothing else, so that neither `none` nor an HMAC with a
 * public key as its secret is ever accepted. The first key signs and all keys verify, so that a new key can
 * replace an old one.
 */
import { createLocalJWKSet, errors, jwtVerify, SignJWT, type JSONWebKeySet } from 'jose';
import type { AccessTokens } from '../../services/accounts.js';
import type { SigningKey } from './signing-key.js';

export function createAccessTokens({ keys, lifetimeMs, now }: AccessTokenOptions): AccessTokens {
  const [signer] = keys;
  if (signer === undefined) throw new Error('No signing key');
  const keySet = createLocalJWKSet(jwksOf(keys));

  return {
    async issue({ userId, sessionId }) {
      const issuedAtSeconds = Math.floor(now() / 1000);
      const expiresAtSeconds = issuedAtSeconds + Math.ceil(lifetimeMs / 1000);
      const token = await new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: signer.id })
        .setIssuer(ISSUER)
        .setAudience(ISSUER)
        .setSubject(userId)
        .setIssuedAt(issuedAtSeconds)
        .setExpirationTime(expiresAtSeconds)
        .sign(signer.privateKey);
      return { token, expiresAtMs: expiresAtSeconds * 1000 };
    },

    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, keySet, {
          algorithms: ['EdDSA'],
          issuer: ISSUER,
          audience: ISSUER,
          typ: 'at+jwt',
          requiredClaims: ['sub', 'sid', 'exp'],
          currentDate: new Date(now()),
        });
        const { sub, sid, exp } = payload;
        if (typeof sub !== 'string' || typeof sid !== 'string' || exp === undefined) return null;
        if (!UUID.test(sub) || !UUID.test(sid)) return null;
        return { userId: sub, sessionId: sid, expiresAtMs: exp * 1000 };
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}

/** Returns the public keys, for /.well-known/jwks.json (RFC 7517). */
export function jwksOf(keys: readonly SigningKey[]): JSONWebKeySet {
  return { keys: keys.map(({ publicJwk }) => publicJwk) };
}

export interface AccessTokenOptions {
  /** At least one key, the newest first. */
  readonly keys: readonly SigningKey[];
  /** How long a token is valid, in milliseconds, rounded up to a whole second. */
  readonly lifetimeMs: number;
  /** Returns the time in milliseconds since the epoch. */
  readonly now: () => number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const ISSUER = 'nearby-friends';
