import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

/** An OpenID provider as far as its tokens and published keys go, on a local port. */
export async function startOpenIdProvider() {
  const keys = new Map<string, { alg: string; privateKey: CryptoKey; jwk: object }>();
  const provider = { fetches: 0, broken: false };

  const server = createServer((_request, response) => {
    provider.fetches += 1;
    if (provider.broken) return void response.writeHead(503).end();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [...keys.values()].map(({ jwk }) => jwk) }));
  });

  async function listen(port = 0): Promise<void> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }

  async function addKey(kid: string, alg = 'RS256'): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    keys.set(kid, { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } });
  }

  await listen();
  const { port } = server.address() as AddressInfo;
  await addKey('first');
  const issuer = `http://127.0.0.1:${port}`;
  return {
    provider,
    issuer,
    audience: 'nearby',
    jwksUrl: `${issuer}/jwks.json`,
    addKey,
    async token(payload: JWTPayload, kid = 'first'): Promise<string> {
      const key = keys.get(kid);
      if (key === undefined) throw new Error(`No key ${kid}`);
      return new SignJWT({
        iss: issuer,
        aud: 'nearby',
        exp: Math.floor(Date.now() / 1000) + 3600,
        ...payload,
      })
        .setProtectedHeader({ alg: key.alg, kid })
        .sign(key.privateKey);
    },
    async close(): Promise<void> {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type OpenIdProvider = Awaited<ReturnType<typeof startOpenIdProvider>>;
