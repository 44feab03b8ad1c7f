/** `npm run admin -- rotate-keys` beside two servers that run, which learn of it without a restart. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { decodeProtectedHeader, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateSigningKey, signingKeyFromJwk } from '../../src/adapters/jwt/signing-key.js';
import { SESSION_RECHECK_MS } from '../../src/domain/delivery-times.js';
import { systemClock } from '../../src/time/clock.js';
import { sleep } from '../../src/time/within.js';
import { admin } from '../support/admin.js';
import { ask, codesOf, connectForTest, requestOverSocket, signUp, type TestUser } from '../support/api.js';
import { eventStream } from '../support/event-stream.js';
import { followNearby } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { createTestDatabase } from '../support/postgres.js';
import { query } from '../support/query.js';

/** Twice what docs/operations.md promises: the machine may be busy with other tests. */
const WITHIN = { timeout: 20_000 };
const TEST = { timeout: 120_000 };
const ME = '{ me { id } }';
const SIGN_IN = `mutation ($handle: String!) {
  signIn(input: { handle: $handle, password: "correct horse battery" }) { accessToken }
}`;
const REFRESH =
  'mutation ($token: String!) { refreshToken(refreshToken: $token) { accessToken refreshToken } }';
const RENEW = 'mutation ($token: String!) { renewConnection(accessToken: $token) }';

let cluster: TestCluster;
let here: string;
let there: string;
beforeAll(async () => {
  cluster = await startTestCluster(2);
  [here, there] = cluster.urls as [string, string];
});
afterAll(() => cluster.close());

interface Rotated {
  readonly newKey: string;
  readonly oldKeys: readonly string[];
  readonly oldKeysRevoked: boolean;
}

async function rotate(...options: string[]): Promise<Rotated> {
  const { stdout, stderr } = await admin(cluster.database.url, ['rotate-keys', '--json', ...options]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Rotated;
}

const keyOf = (token: string): string | undefined => decodeProtectedHeader(token).kid;

async function signIn(url: string, { handle }: TestUser): Promise<string> {
  return (await ask<{ signIn: { accessToken: string } }>(url, null, SIGN_IN, { handle })).signIn.accessToken;
}

async function refresh(url: string, token: string): Promise<{ accessToken: string; refreshToken: string }> {
  return (
    await ask<{ refreshToken: { accessToken: string; refreshToken: string } }>(url, null, REFRESH, { token })
  ).refreshToken;
}

async function publishedBy(url: string): Promise<(string | undefined)[]> {
  const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as {
    keys: { kid?: string }[];
  };
  return keys.map(({ kid }) => kid);
}

/** A token as the servers make it, by a key that no server has. */
async function forged(userId: string): Promise<string> {
  const key = await signingKeyFromJwk((await generateSigningKey()).privateJwk);
  return new SignJWT({ sid: randomUUID() })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: key.id })
    .setIssuer('nearby-friends')
    .setAudience('nearby-friends')
    .setSubject(userId)
    .setExpirationTime('1 hour')
    .sign(key.privateKey);
}

it(
  'a new key signs on both servers; tokens of the old one, and what is open by them, go on',
  TEST,
  async () => {
    const user = await signUp(here);
    const list = followNearby(connectForTest(there, user.token));
    await list.next();
    const rotated = await rotate();
    expect(rotated).toEqual({
      newKey: expect.any(String),
      oldKeys: [keyOf(user.token)],
      oldKeysRevoked: false,
    });
    for (const url of cluster.urls) {
      await expect.poll(async () => keyOf(await signIn(url, user)), WITHIN).toBe(rotated.newKey);
      expect(await publishedBy(url)).toEqual([rotated.newKey, keyOf(user.token)]);
      expect(await ask(url, user.token, ME)).toEqual({ me: { id: user.id } });
    }
    // Longer than a check of sessions takes.
    const open = sleep(systemClock, 2 * SESSION_RECHECK_MS).then(() => 'still open');
    expect(await Promise.race([list.ended, open])).toBe('still open');
  },
);

it(
  'a server that has not heard of the key takes a good token at once, also in a flood of forged ones',
  TEST,
  async () => {
    const user = await signUp(here);
    await cluster.stop(1);
    await rotate();
    await cluster.start(1);
    const token = await signIn(there, user);
    const hostile = await Promise.all(Array.from({ length: 200 }, () => forged(user.id)));
    const flood = Promise.all(hostile.map((each) => codesOf(here, each, ME)));
    expect(await ask(here, token, ME)).toEqual({ me: { id: user.id } });
    const socket = connectForTest(here, token);
    expect((await requestOverSocket(socket, ME)).data).toEqual({ me: { id: user.id } });
    expect(new Set((await flood).flat())).toEqual(new Set(['UNAUTHENTICATED']));
  },
);

it('a revoked key ends its tokens, sockets and streams on both servers, and no session', TEST, async () => {
  const [user, renewing] = [await signUp(here), await signUp(here)];
  const open = cluster.urls.map((url) => followNearby(connectForTest(url, user.token)));
  const renewed = connectForTest(there, renewing.token);
  const goingOn = followNearby(renewed);
  const events = eventStream(there, user, 'subscription { nearbyFriends { snapshot } }');
  await Promise.all([...open, goingOn].map((list) => list.next()));
  await events.next();
  const cut = expect(events.next()).rejects.toThrow();

  // A socket has the key of its newest token.
  const { newKey } = await rotate();
  await expect.poll(async () => keyOf(await signIn(here, renewing)), WITHIN).toBe(newKey);
  const { accessToken } = await refresh(here, renewing.refreshToken);
  expect((await requestOverSocket(renewed, RENEW, { token: accessToken })).errors).toBeUndefined();
  const leaked = keyOf(user.token) ?? '';
  await query(cluster.database, 'DELETE FROM signing_keys WHERE id <> $1', [newKey]);

  for (const list of open) expect(await list.ended).toMatchObject({ code: 4403, reason: 'Token revoked' });
  await cut;
  for (const url of cluster.urls) {
    await expect.poll(() => codesOf(url, user.token, ME), WITHIN).toEqual(['UNAUTHENTICATED']);
    expect(await publishedBy(url)).not.toContain(leaked);
  }
  expect((await requestOverSocket(renewed, ME)).data).toEqual({ me: { id: renewing.id } });

  // The command does the same.
  const { oldKeys, ...after } = await rotate('--revoke-old');
  expect([oldKeys, after.oldKeysRevoked]).toEqual([[newKey], true]);
  expect(await goingOn.ended).toMatchObject({ code: 4403, reason: 'Token revoked' });
  for (const url of cluster.urls) await expect.poll(() => publishedBy(url), WITHIN).toEqual([after.newKey]);
  const { accessToken: fresh } = await refresh(there, user.refreshToken);
  expect(keyOf(fresh)).toBe(after.newKey);
  for (const url of cluster.urls) expect(await ask(url, fresh, ME)).toEqual({ me: { id: user.id } });
});

it('says what to do where the configuration gives the key, and where there is none', TEST, async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  expect(await admin(cluster.database.url, ['rotate-keys'], { JWT_PRIVATE_KEY: pem })).toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      'JWT_PRIVATE_KEY gives the key: put another one there, on all servers, and restart them. ' +
      'Tokens of the old key end with that, and clients get others by themselves.\n',
  });
  const database = await createTestDatabase();
  try {
    const { code, stderr } = await admin(database.url, ['rotate-keys', '--revoke-old']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The database has no key to replace: .*\n$/);
  } finally {
    await database.drop();
  }
});
