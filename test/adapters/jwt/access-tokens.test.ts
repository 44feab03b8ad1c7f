import { createHmac, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import {
  decodeProtectedHeader,
  exportSPKI,
  importJWK,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
  type JWTPayload,
} from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAccessTokens, jwksOf } from '../../../src/adapters/jwt/access-tokens.js';
import { ringOf } from '../../../src/adapters/jwt/key-ring.js';
import {
  generateSigningKey,
  signingKeyFromJwk,
  signingKeyFromPem,
  type SigningKey,
} from '../../../src/adapters/jwt/signing-key.js';
import type { AccessTokens } from '../../../src/services/accounts.js';

const NOW_MS = Date.UTC(2026, 10, 22);
const userId = randomUUID();
const sessionId = randomUUID();

let key: SigningKey;
let tokens: AccessTokens;

beforeAll(async () => {
  key = await signingKeyFromJwk((await generateSigningKey()).privateJwk);
  tokens = createAccessTokens({ ring: ringOf(key), lifetimeMs: 60_000, now: () => NOW_MS });
});

test('what was issued is verified, to the second', async () => {
  const { token, expiresAtMs } = await tokens.issue({ userId, sessionId });
  expect(expiresAtMs).toBe(NOW_MS + 60_000);
  expect(await tokens.verify(token)).toEqual({ userId, sessionId, expiresAtMs, keyId: key.id });
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: key.id });
  const later = createAccessTokens({ ring: ringOf(key), lifetimeMs: 60_000, now: () => expiresAtMs });
  expect(await later.verify(token)).toBeNull();
});

test('a new key signs while the old one still verifies', async () => {
  const { token } = await tokens.issue({ userId, sessionId });
  const newer = await signingKeyFromJwk((await generateSigningKey()).privateJwk);
  const rotated = createAccessTokens({ ring: ringOf(newer, key), lifetimeMs: 60_000, now: () => NOW_MS });
  expect(await rotated.verify(token)).not.toBeNull();
  const issued = await rotated.issue({ userId, sessionId });
  expect(decodeProtectedHeader(issued.token).kid).toBe(newer.id);
  expect(await tokens.verify(issued.token)).toBeNull();
});

test('the published keys verify our tokens, and hold nothing private', async () => {
  const { token } = await tokens.issue({ userId, sessionId });
  const [jwk] = jwksOf([key]).keys;
  expect(Object.keys(jwk ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  await jwtVerify(token, await importJWK(jwk ?? {}), { currentDate: new Date(NOW_MS) });
});

test('a key may be given as PKCS #8, but only Ed25519', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const given = await signingKeyFromPem(String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  const given2 = createAccessTokens({ ring: ringOf(given), lifetimeMs: 60_000, now: () => NOW_MS });
  expect(await given2.verify((await given2.issue({ userId, sessionId })).token)).not.toBeNull();
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  await expect(signingKeyFromPem(String(rsa.export({ type: 'pkcs8', format: 'pem' })))).rejects.toThrow(
    'Ed25519',
  );
});

describe('refuses', () => {
  const claims = { iss: 'nearby-friends', aud: 'nearby-friends', sub: userId, sid: sessionId };
  const exp = NOW_MS / 1000 + 60;

  function signed(payload: JWTPayload, header: object = {}): Promise<string> {
    return new SignJWT(payload)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: key.id, ...header })
      .sign(key.privateKey);
  }

  test('nothing of what the cases below start from', async () => {
    expect(await tokens.verify(await signed({ ...claims, exp }))).not.toBeNull();
  });

  test.each<[string, () => Promise<string> | string]>([
    ['no expiry', () => signed(claims)],
    ['a past expiry', () => signed({ ...claims, exp: exp - 60 })],
    ['a start in the future', () => signed({ ...claims, exp, nbf: exp })],
    ['another issuer', () => signed({ ...claims, exp, iss: 'somebody' })],
    ['another audience', () => signed({ ...claims, exp, aud: 'somebody' })],
    ['no session', () => signed({ ...claims, exp, sid: undefined })],
    ['a session that is no id', () => signed({ ...claims, exp, sid: "' OR 1=1" })],
    ['a subject that is no id', () => signed({ ...claims, exp, sub: 'x' })],
    ['another type', () => signed({ ...claims, exp }, { typ: 'JWT' })],
    ['another key id', () => signed({ ...claims, exp }, { kid: 'x' })],
    ['no signature', () => new UnsecuredJWT({ ...claims, exp }).encode()],
    ['an HMAC by the public key', () => hmacByPublicKey({ ...claims, exp })],
    ['a changed payload', async () => changed(await signed({ ...claims, exp }))],
    ['another key', async () => otherKeys({ ...claims, exp })],
    ['nothing', () => ''],
    ['megabytes of dots', () => '.'.repeat(2_000_000)],
  ])('%s', async (_case, token) => {
    expect(await tokens.verify(await token())).toBeNull();
  });

  async function otherKeys(payload: JWTPayload): Promise<string> {
    const { privateKey } = generateKeyPairSync('ed25519');
    return new SignJWT(payload)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: key.id })
      .sign(privateKey);
  }

  async function hmacByPublicKey(payload: JWTPayload): Promise<string> {
    const parts = [{ alg: 'HS256', typ: 'at+jwt', kid: key.id }, payload].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const signature = createHmac('sha256', await exportSPKI(createPublicKey(key.privateKey)))
      .update(parts.join('.'))
      .digest('base64url');
    return [...parts, signature].join('.');
  }

  function changed(token: string): string {
    const [header, , signature] = token.split('.');
    const payload = Buffer.from(JSON.stringify({ ...claims, exp, sub: randomUUID() })).toString('base64url');
    return [header, payload, signature].join('.');
  }
});
