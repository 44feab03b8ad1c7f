/**
 * Our own access tokens: JWTs signed with EdDSA and nothing else, so that neither `none` nor an HMAC with a
 * public key as its secret is ever accepted. The newest key signs and all keys verify, so that a new key can
 * replace an old one.
 */
import { errors, jwtVerify, SignJWT, type JSONWebKeySet, type JWTHeaderParameters } from 'jose';
import type { AccessTokens } from '../../services/accounts.js';
import type { KeyRing } from './key-ring.js';
import { newestOf, type SigningKey } from './signing-key.js';

export function createAccessTokens({ ring, lifetimeMs, now }: AccessTokenOptions): AccessTokens {
  async function publicKeyOf({ kid }: JWTHeaderParameters) {
    const key = kid === undefined ? null : await ring.find(kid);
    if (key === null) throw new errors.JWKSNoMatchingKey();
    return key.publicKey;
  }

  return {
    async issue({ userId, sessionId }) {
      const signer = newestOf(ring.keys);
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
      return { token, expiresAtMs: expiresAtSeconds * 1000, keyId: signer.id };
    },

    async verify(token) {
      try {
        const { payload, protectedHeader } = await jwtVerify(token, publicKeyOf, {
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
        // The id of the key itself, as every socket keeps one.
        const keyId = ring.keys.find(({ id }) => id === protectedHeader.kid)?.id ?? null;
        if (keyId === null) return null;
        return { userId: sub, sessionId: sid, expiresAtMs: exp * 1000, keyId };
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },

    trusts: (keyId) => ring.keys.some(({ id }) => id === keyId),
  };
}

/** Returns the public keys, for /.well-known/jwks.json (RFC 7517). */
export function jwksOf(keys: readonly SigningKey[]): JSONWebKeySet {
  return { keys: keys.map(({ publicJwk }) => publicJwk) };
}

export interface AccessTokenOptions {
  readonly ring: KeyRing;
  /** How long a token is valid, in milliseconds, rounded up to a whole second. */
  readonly lifetimeMs: number;
  /** Returns the time in milliseconds since the epoch. */
  readonly now: () => number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const ISSUER = 'nearby-friends';
