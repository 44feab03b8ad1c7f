/** A socket that goes on with newer tokens of its session, and one that does not. */
import type { Client } from 'graphql-ws';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/time/clock.js';
import {
  act,
  ask,
  codesOf,
  connectForTest,
  move,
  requestOverSocket,
  signUp,
  signUpFriends,
  type TestUser,
} from '../support/api.js';
import { follow, followNearby } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.js';
import { ageUsedTokens } from '../support/query.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const MINUTE_MS = 60_000;
const RENEW = 'mutation ($token: String!) { renewConnection(accessToken: $token) }';
const REFRESH = `mutation ($token: String!) {
  refreshToken(refreshToken: $token) { accessToken accessTokenExpiresAt refreshToken }
}`;
const SIGN_IN = `mutation ($handle: String!) {
  signIn(input: { handle: $handle, password: "correct horse battery" }) {
    accessToken accessTokenExpiresAt refreshToken
  }
}`;
const SESSION_ENDED = { code: 4403, reason: 'Session ended' };
const TOKEN_EXPIRED = { code: 4403, reason: 'Token expired' };

interface Tokens {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
}

let cluster: TestCluster;
let url: string;
/** How far the server's clock is set forward, and with it the end of every token, which lasts for 30 minutes. */
let aheadMs = 0;

let provider: OpenIdProvider;

beforeAll(async () => {
  provider = await startOpenIdProvider();
  const { issuer, audience, jwksUrl } = provider;
  const clock = { ...systemClock, now: () => Date.now() + aheadMs };
  cluster = await startTestCluster(
    1,
    { locationTtlSeconds: 86_400, oidc: { issuer, audience, jwksUrl } },
    { clock },
  );
  url = cluster.urls[0] as string;
  return () => Promise.all([cluster.close(), provider.close()]);
});

const refresh = async (refreshToken: string): Promise<Tokens> =>
  (await ask<{ refreshToken: Tokens }>(url, null, REFRESH, { token: refreshToken })).refreshToken;

const signIn = async ({ handle }: TestUser): Promise<Tokens> =>
  (await ask<{ signIn: Tokens }>(url, null, SIGN_IN, { handle })).signIn;

const codeOf = async (client: Client, query: string, token: string): Promise<unknown> =>
  (await requestOverSocket(client, query, { token })).errors?.[0]?.extensions?.code;

it('goes on past the end of three tokens, and what runs on it is not interrupted', async () => {
  const [ann, bob] = await signUpFriends(url);
  await move(url, ann, HERE);
  const client = connectForTest(url, ann.token);
  const list = followNearby(client);
  const asked: unknown[] = [];
  const request = 'subscription { friendRequests { from { handle } } }';
  onTestFinished(
    client.subscribe(
      { query: request },
      { next: ({ data }) => asked.push(data), error: () => undefined, complete: () => undefined },
    ),
  );
  await list.next();

  let tokens: Tokens = { ...ann, accessToken: ann.token, accessTokenExpiresAt: '' };
  const strangers: string[] = [];
  aheadMs += 8 * MINUTE_MS;
  for (const meters of [100, 200, 300]) {
    const notRenewed = follow(url, { ...ann, token: tokens.accessToken });
    await notRenewed.next();
    aheadMs += 20 * MINUTE_MS;
    tokens = await refresh(tokens.refreshToken);
    expect((await requestOverSocket(client, RENEW, { token: tokens.accessToken })).data).toEqual({
      renewConnection: tokens.accessTokenExpiresAt,
    });
    aheadMs += 8 * MINUTE_MS;
    expect(await notRenewed.ended).toMatchObject(TOKEN_EXPIRED);

    const place = travel(HERE, 0, meters);
    const { accessToken } = await signIn(bob);
    await move(url, { ...bob, token: accessToken }, place);
    await list.until(({ entries }) => entries.get(bob.id)?.location.latitude === place.latitude);
    const stranger = await signUp(url);
    await act(url, stranger, `sendFriendRequest(userId: "${ann.id}") { id }`);
    strangers.push(stranger.handle);
  }
  expect(list.frames.map(({ snapshot }) => snapshot)).toEqual([
    true,
    ...list.frames.slice(1).map(() => false),
  ]);
  expect(asked).toEqual(strangers.map((handle) => ({ friendRequests: { from: { handle } } })));

  aheadMs += 30 * MINUTE_MS;
  expect(await list.ended).toMatchObject(TOKEN_EXPIRED);
});

it('goes on with a refreshToken of its own session that comes over it, and with no other', async () => {
  const user = await signUp(url);
  const [goingOn, ending] = [connectForTest(url, user.token), connectForTest(url, user.token)];
  const lists = [followNearby(goingOn), followNearby(ending)];
  await Promise.all(lists.map((list) => list.next()));
  aheadMs += 29 * MINUTE_MS;
  const other = await signIn(user);
  for (const [client, token] of [
    [goingOn, user.refreshToken] as const,
    [ending, other.refreshToken] as const,
  ])
    expect((await requestOverSocket(client, REFRESH, { token })).errors).toBeUndefined();
  aheadMs += 2 * MINUTE_MS;
  expect(await lists[1]?.ended).toMatchObject(TOKEN_EXPIRED);
  expect((await requestOverSocket(goingOn, '{ me { id } }')).data).toEqual({ me: { id: user.id } });
  aheadMs += 30 * MINUTE_MS;
  expect(await lists[0]?.ended).toMatchObject(TOKEN_EXPIRED);
});

it('ends with its session, however it was renewed', async () => {
  const [leaving, robbed] = [await signUp(url), await signUp(url)];
  const renewed = await Promise.all(
    [leaving, robbed].map(async (user) => {
      const client = connectForTest(url, user.token);
      const list = followNearby(client);
      await list.next();
      const { accessToken } = await refresh(user.refreshToken);
      expect((await requestOverSocket(client, RENEW, { token: accessToken })).errors).toBeUndefined();
      return { list, accessToken };
    }),
  );
  await act(url, { ...leaving, token: renewed[0]?.accessToken ?? '' }, 'signOut');
  expect(await renewed[0]?.list.ended).toMatchObject(SESSION_ENDED);

  await ageUsedTokens(cluster.database, 31);
  await expect(refresh(robbed.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
  expect(await renewed[1]?.list.ended).toMatchObject(SESSION_ENDED);
});

it('takes no token but those of its session, and an old one does not shorten its life', async () => {
  const [user, stranger] = [await signUp(url), await signUp(url)];
  const client = connectForTest(url, user.token);
  await followNearby(client).next();
  const other = await signIn(user);
  expect(await codeOf(client, RENEW, other.accessToken)).toBe('FORBIDDEN');
  expect(await codeOf(client, RENEW, stranger.token)).toBe('FORBIDDEN');
  for (const bad of ['', 'x', user.refreshToken, `${user.token}x`])
    expect(await codeOf(client, RENEW, bad), bad).toBe('UNAUTHENTICATED');
  expect(await codeOf(connectForTest(url, null), RENEW, user.token)).toBe('UNAUTHENTICATED');
  expect(await codesOf(url, null, RENEW, { token: user.token })).toEqual(['UNAUTHENTICATED']);
  expect(await codesOf(url, user.token, RENEW, { token: user.token })).toEqual(['BAD_USER_INPUT']);

  aheadMs += 10 * MINUTE_MS;
  const { accessToken, accessTokenExpiresAt } = await refresh(user.refreshToken);
  for (const token of [accessToken, user.token])
    expect((await requestOverSocket(client, RENEW, { token })).data).toEqual({
      renewConnection: accessTokenExpiresAt,
    });
});

it('goes on with the next token of an OpenID provider’s user, who has no session here, and with nobody else’s', async () => {
  const now = (): number => Math.floor((Date.now() + aheadMs) / 1_000);
  const tokenOf = (sub: string): Promise<string> => provider.token({ sub, exp: now() + 1_800 });
  const first = await tokenOf('eve');
  const [client, notRenewed] = [connectForTest(url, first), followNearby(connectForTest(url, first))];
  const list = followNearby(client);
  await Promise.all([list.next(), notRenewed.next()]);
  aheadMs += 29 * MINUTE_MS;
  expect(await codeOf(client, RENEW, await tokenOf('mallory'))).toBe('FORBIDDEN');
  expect(await codeOf(client, RENEW, await tokenOf('eve'))).toBeUndefined();
  aheadMs += 2 * MINUTE_MS;
  expect(await notRenewed.ended).toMatchObject(TOKEN_EXPIRED);
  expect((await requestOverSocket(client, '{ __typename }')).data).toBeDefined();
  aheadMs += 30 * MINUTE_MS;
  expect(await list.ended).toMatchObject(TOKEN_EXPIRED);
});
