/** Ed25519 keys that sign access tokens, from PEM, from a JWK, or newly made. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';

/**
 * @param pem an Ed25519 private key in PKCS #8.
 * @throws Error for any other key.
 */
export function signingKeyFromPem(pem: string): Promise<SigningKey> {
  return signingKey(createPrivateKey(pem));
}

/** @throws Error when the key is not an Ed25519 key. */
export function signingKeyFromJwk(privateJwk: PrivateJwk): Promise<SigningKey> {
  return signingKey(createPrivateKey({ key: { ...privateJwk }, format: 'jwk' }));
}

/** Makes a new private key in the form that the database keeps. */
export async function generateSigningKey(): Promise<{ id: string; privateJwk: PrivateJwk }> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { id } = await signingKey(privateKey);
  const { crv, d, x } = privateKey.export({ format: 'jwk' });
  if (crv === undefined || d === undefined || x === undefined) throw new Error('Not an Ed25519 key');
  return { id, privateJwk: { kty: 'OKP', crv, d, x } };
}

/** The key that signs. @throws Error without a key. */
export function newestOf([key]: readonly SigningKey[]): SigningKey {
  if (key === undefined) throw new Error('No signing key');
  return key;
}

/**
 * Derives a secret of 32 bytes from the newest key, another one for each purpose: all servers of a deployment get the
 * same, and another one with the next key.
 */
export function derivedSecret(
  ring: { readonly keys: readonly SigningKey[] },
  purpose: string,
): () => Uint8Array {
  let made: { readonly key: SigningKey; readonly secret: Uint8Array } | null = null;
  return () => {
    const key = newestOf(ring.keys);
    if (made?.key !== key) {
      const seed = key.privateKey.export({ format: 'der', type: 'pkcs8' });
      made = { key, secret: new Uint8Array(hkdfSync('sha256', seed, '', purpose, 32)) };
    }
    return made.secret;
  };
}

/** An Ed25519 key that signs access tokens; its id is the RFC 7638 thumbprint of the public half. */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicJwk: JWK;
}

/** An Ed25519 private key as a JWK (RFC 8037). */
export interface PrivateJwk {
  readonly kty: string;
  readonly crv: string;
  readonly d: string;
  readonly x: string;
}

async function signingKey(privateKey: KeyObject): Promise<SigningKey> {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('A signing key must be an Ed25519 key');
  const publicKey = createPublicKey(privateKey);
  const { kty, crv, x } = publicKey.export({ format: 'jwk' });
  const id = await calculateJwkThumbprint({ kty, crv, x });
  return { id, privateKey, publicKey, publicJwk: { kty, crv, x, kid: id, alg: 'EdDSA', use: 'sig' } };
}
