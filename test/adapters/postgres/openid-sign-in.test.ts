import { createHmac, randomUUID } from 'node:crypto';
import { UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createOpenIdTokens } from '../../../src/adapters/jwt/openid-tokens.js';
import { ADDRESS, startAccountServices, type AccountServices } from '../../support/account-services.js';
import { startOpenIdProvider, type OpenIdProvider } from '../../support/openid-provider.js';

let provider: OpenIdProvider;
let services: AccountServices;

beforeAll(async () => {
  provider = await startOpenIdProvider();
  services = await startAccountServices({ verifier: verifier() });
});
afterAll(async () => {
  await services.stop();
  await provider.close();
});
beforeEach(() => {
  services.clock.nowMs = Date.now();
});
afterEach(() => {
  provider.provider.broken = false;
});

const unauthenticated = { kind: 'unauthenticated' };

test('a user is made at first sight and found again', async () => {
  const token = await provider.token({
    sub: 'ada',
    preferred_username: 'Ada.Lovelace',
    name: ' Ada Lovelace ',
  });
  const viewer = await services.accounts.authenticate(token);
  expect(viewer.sessionId).toBeNull();
  expect(viewer.expiresAtMs - Date.now()).toBeGreaterThan(3_500_000);
  expect(await services.accounts.me(viewer)).toEqual({
    id: viewer.userId,
    handle: 'ada.lovelace',
    displayName: 'Ada Lovelace',
  });
  const again = await provider.token({ sub: 'ada', preferred_username: 'renamed' });
  expect((await services.accounts.authenticate(again)).userId).toBe(viewer.userId);
  expect((await services.server().accounts.authenticate(again)).userId).toBe(viewer.userId);
  expect(await services.accounts.signOut(viewer)).toBe(false);
});

test('fifty first sights at once, on two servers, make one user', async () => {
  const token = await provider.token({ sub: 'grace', preferred_username: 'grace', name: 'Grace' });
  const other = services.server();
  const viewers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? services : other).accounts.authenticate(token)),
  );
  expect(new Set(viewers.map(({ userId }) => userId)).size).toBe(1);
  expect(await services.rows(`SELECT FROM users WHERE oidc_subject = 'grace'`)).toHaveLength(1);
});

test.each([
  ['taken', 'grace.h', 'Grace H'],
  ['ill-formed', 'no handle!', 'Nobody'],
  ['missing', undefined, undefined],
  ['not a text', 7, { first: 'x' }],
  ['of dots alone', '...', 'Dots'],
  ['unstorable', 'nul\0nul', 'nul\0nul'],
])('a preferred name that is %s gives way to one of ours', async (sub, preferred_username, name) => {
  await services.accounts
    .signUp({ handle: 'grace.h', displayName: 'x', password: 'password' }, ADDRESS)
    .catch(() => {});
  const token = await provider.token({ sub, preferred_username, name });
  const user = await services.accounts.me(await services.accounts.authenticate(token));
  expect(user.handle).toMatch(/^user_[0-9a-f]{12}$/);
  expect(user.displayName).toBe(typeof name === 'string' && !name.includes('\0') ? name : user.handle);
});

test('a user of the provider has no sessions and no password here, and may take another name', async () => {
  const token = await provider.token({ sub: 'renamed', name: 'First' });
  const viewer = await services.accounts.authenticate(token);
  const { settings } = services;
  const change = { currentPassword: 'correct horse', newPassword: 'staple staple' };
  await expect(settings.changePassword(viewer, change, ADDRESS)).rejects.toMatchObject({ kind: 'forbidden' });
  expect((await settings.sessionsPage(viewer, { first: 20 })).items).toEqual([]);
  expect(await settings.endSession(viewer, randomUUID())).toBe(false);
  await settings.updateProfile(viewer, { displayName: 'Second' });
  expect(await services.accounts.me(await services.accounts.authenticate(token))).toMatchObject({
    displayName: 'Second',
  });
});

test('two who prefer one name at once both get in', async () => {
  const tokens = await Promise.all(
    ['s1', 's2', 's3'].map((sub) => provider.token({ sub, preferred_username: 'popular' })),
  );
  const viewers = await Promise.all(tokens.map((token) => services.accounts.authenticate(token)));
  expect(new Set(viewers.map(({ userId }) => userId)).size).toBe(3);
});

test('a password cannot sign in to an account of the provider', async () => {
  await services.accounts.authenticate(await provider.token({ sub: 'nopass', preferred_username: 'nopass' }));
  await expect(
    services.accounts.signIn({ handle: 'nopass', password: 'password' }, ADDRESS),
  ).rejects.toMatchObject(unauthenticated);
});

test.each<[string, () => Promise<string> | string]>([
  ['another audience', () => provider.token({ sub: 'x', aud: 'other' })],
  ['a past expiry', () => provider.token({ sub: 'x', exp: Math.floor(Date.now() / 1000) - 60 })],
  ['no expiry', () => provider.token({ sub: 'x', exp: undefined })],
  ['no subject', () => provider.token({})],
  ['an empty subject', () => provider.token({ sub: '' })],
  ['an over-long subject', () => provider.token({ sub: 'x'.repeat(256) })],
  ['a subject with NUL', () => provider.token({ sub: 'x\0' })],
  ['another issuer', () => provider.token({ sub: 'x', iss: 'https://elsewhere.example' })],
  ['no signature', () => unsecured({ sub: 'x' })],
  ['an HMAC', () => hmac({ sub: 'x' })],
  ['a changed payload', async () => changed(await provider.token({ sub: 'x' }))],
])('refuses %s', async (_case, token) => {
  const before = await services.rows('SELECT FROM users');
  await expect(services.accounts.authenticate(await token())).rejects.toMatchObject(unauthenticated);
  expect(await services.rows('SELECT FROM users')).toHaveLength(before.length);
});

test('keys of the usual kinds are taken', async () => {
  for (const alg of ['PS256', 'ES256', 'EdDSA']) {
    await provider.addKey(alg, alg);
    const fresh = createOpenIdTokens({ ...provider, now: Date.now });
    const { identity } = await fresh.verify(await provider.token({ sub: alg }, alg));
    expect(identity).toEqual({ issuer: provider.issuer, subject: alg, preferredUsername: null, name: null });
  }
});

test('a provider that fails is unavailable, not a bad token; known keys go on working', async () => {
  const token = await provider.token({ sub: 'late' });
  provider.provider.broken = true;
  const fresh = verifier();
  await expect(fresh.verify(token)).rejects.toMatchObject({ kind: 'unavailable' });
  await services.accounts.authenticate(token);
  provider.provider.broken = false;
  await fresh.verify(token);

  const gone = createOpenIdTokens({ ...provider, jwksUrl: 'http://127.0.0.1:1/jwks.json', now: Date.now });
  await expect(gone.verify(token)).rejects.toMatchObject({ kind: 'unavailable' });
});

test('tokens with unknown keys do not make us ask the provider each time', async () => {
  await provider.addKey('unknown');
  const token = (await provider.token({ sub: 'x' })).replace(
    /^[^.]+/,
    header({ alg: 'RS256', kid: 'nobodys' }),
  );
  const fresh = verifier();
  const before = provider.provider.fetches;
  for (let i = 0; i < 20; i += 1) await expect(fresh.verify(token)).rejects.toMatchObject(unauthenticated);
  expect(provider.provider.fetches - before).toBeLessThanOrEqual(2);
});

test('our own tokens are verified as before', async () => {
  const grant = await services.signUp();
  expect((await services.accounts.authenticate(grant.accessToken)).userId).toBe(grant.user.id);
});

test('a deleted user who comes again is a new one, on every server that was told', async () => {
  const token = await provider.token({ sub: 'phoenix' });
  const elsewhere = services.server().accounts;
  const viewer = await services.accounts.authenticate(token);
  await elsewhere.authenticate(token);
  await services.accounts.deleteAccount(viewer);
  elsewhere.forgetSession(null, viewer.userId);
  const reborn = await elsewhere.authenticate(token);
  expect(reborn.userId).not.toBe(viewer.userId);
  expect((await services.accounts.authenticate(token)).userId).toBe(reborn.userId);
});

function verifier() {
  return createOpenIdTokens({ ...provider, now: Date.now });
}

function claims(payload: object): object {
  return {
    iss: provider.issuer,
    aud: provider.audience,
    exp: Math.floor(Date.now() / 1000) + 60,
    ...payload,
  };
}

function unsecured(payload: object): string {
  return new UnsecuredJWT({ ...claims(payload) }).encode();
}

function header(fields: object): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

async function hmac(payload: object): Promise<string> {
  const keySet = await (await fetch(provider.jwksUrl)).text();
  const signed = `${header({ alg: 'HS256', kid: 'first' })}.${header(claims(payload))}`;
  return `${signed}.${createHmac('sha256', keySet).update(signed).digest('base64url')}`;
}

function changed(token: string): string {
  const [head, , signature] = token.split('.');
  return [head, header(claims({ sub: 'somebody else' })), signature].join('.');
}
