/**
 * Verifies the tokens of one OpenID provider with the keys it publishes, which are fetched when needed and
 * kept.
 */
import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import { DomainError } from '../../domain/errors.js';
import type { OpenIdVerifier } from '../../services/openid-sign-in.js';

export function createOpenIdTokens({ issuer, audience, jwksUrl, now }: OpenIdTokenOptions): OpenIdVerifier {
  const keySet = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 3_000 });

  return {
    issued(token) {
      try {
        return decodeJwt(token).iss === issuer;
      } catch {
        return false;
      }
    },

    async verify(token) {
      const payload = await verifiedPayload(token);
      const { sub: subject, exp } = payload;
      if (subject === undefined || exp === undefined || !STORABLE_SUBJECT.test(subject)) throw notValid();
      const identity = {
        issuer,
        subject,
        preferredUsername: textOrNull(payload.preferred_username),
        name: textOrNull(payload.name),
      };
      return { identity, expiresAtMs: exp * 1000 };
    },
  };

  async function verifiedPayload(token: string): Promise<JWTPayload> {
    try {
      const options = {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: 5,
        currentDate: new Date(now()),
      };
      return (await jwtVerify(token, keySet, options)).payload;
    } catch (error) {
      throw isAboutToken(error)
        ? notValid()
        : new DomainError('unavailable', 'The OpenID provider cannot be reached.');
    }
  }
}

export interface OpenIdTokenOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  /** Returns the time in milliseconds since the epoch. */
  readonly now: () => number;
}

/** Only signatures with a key pair: a provider's keys are public, so HMAC and `none` would let anybody in. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** OpenID Connect Core, section 2, allows at most 255 ASCII characters. */
const STORABLE_SUBJECT = /^[\x20-\x7e]{1,255}$/;

/**
 * Returns true when the token is at fault: jose has a code for each such fault, but none for a failed fetch
 * of keys.
 */
function isAboutToken(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false;
  return ![errors.JOSEError.code, errors.JWKSTimeout.code, errors.JWKSInvalid.code].includes(error.code);
}

function textOrNull(claim: unknown): string | null {
  return typeof claim === 'string' ? claim : null;
}

function notValid(): DomainError {
  return new DomainError('unauthenticated', 'The access token is not valid.');
}
