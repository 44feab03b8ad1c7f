/** Issues the access tokens of the benchmark's users, signed with a key that the server under test is given. */
import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, SignJWT } from 'jose';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const ISSUER = 'nearby-friends';

export const JWT_PRIVATE_KEY = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;

export async function issueToken(userId: string, sessionId: string): Promise<string> {
  const kid = await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }));
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime('1d')
    .sign(privateKey);
}
