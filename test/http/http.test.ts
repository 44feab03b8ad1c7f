import type { ExecutionResult } from 'graphql';
import { createClient } from 'graphql-sse';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../src/time/clock.js';
import { act, ask, codesOf, metric, move, signUp, signUpFriends, type TestUser } from '../support/api.js';
import { eventStream } from '../support/event-stream.js';
import { type Frame, NEARBY_FRIENDS } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

const HERE = { latitude: -1.29, longitude: 36.82 };

let cluster: TestCluster;
let here: string;
let there: string;

beforeAll(async () => {
  cluster = await startTestCluster(2);
  [here, there] = cluster.urls as [string, string];
});

afterAll(() => cluster.close());

describe('server-sent events', () => {
  it('carry a live list, which ends when the session does, whichever server ends it', async () => {
    const [ann, bob] = await signUpFriends(here);
    await move(there, ann, HERE);
    const events = eventStream(here, ann, NEARBY_FRIENDS);
    const next = async (): Promise<Frame> => {
      const { value } = (await events.next()) as { value: { data: { nearbyFriends: Frame } } };
      return value.data.nearbyFriends;
    };
    expect(await next()).toMatchObject({ snapshot: true, nearby: [], origin: HERE });
    await move(there, bob, HERE);
    expect(await next()).toMatchObject({ snapshot: false, nearby: [{ friend: { id: bob.id } }] });
    await act(there, ann, 'signOut');
    // Not by "complete", after which a client would rest.
    await expect(events.next()).rejects.toThrow('terminated');
    await vi.waitFor(async () => expect(await metric(here, 'nearby_subscriptions')).toBe(0), {
      timeout: 10_000,
    });
  });

  it.each([
    ['nearbyFriends', NEARBY_FRIENDS],
    ['friendRequests', 'subscription { friendRequests { id } }'],
  ])('of %s are cut when the token ends', async (_, query) => {
    const brief = await startTestCluster(1, { accessTokenSeconds: 2 });
    onTestFinished(() => brief.close());
    const url = brief.urls[0] as string;
    const events = eventStream(url, await signUp(url), query);
    const told: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const event of events) told.push(event);
    };
    await expect(read()).rejects.toThrow('terminated');
    expect(told.filter((event) => 'errors' in (event as object))).toEqual([]);
  });

  it('go on with a fresh token for a client that comes back, and end with the reason when there is none', async () => {
    const brief = await startTestCluster(1, { accessTokenSeconds: 2 });
    onTestFinished(() => brief.close());
    const url = brief.urls[0] as string;
    const user = await signUp(url);
    let { token, refreshToken } = user;
    const client = createClient({
      url: `${url}/graphql`,
      retryAttempts: 50,
      retry: () => Promise.resolve(),
      headers: async () => {
        const refresh =
          'mutation ($t: String!) { refreshToken(refreshToken: $t) { accessToken refreshToken } }';
        const grant = await ask<{ refreshToken: { accessToken: string; refreshToken: string } }>(
          url,
          null,
          refresh,
          {
            t: refreshToken,
          },
        ).catch(() => null);
        if (grant !== null) ({ accessToken: token, refreshToken } = grant.refreshToken);
        return { authorization: `Bearer ${token}` };
      },
    });
    onTestFinished(() => client.dispose());
    const told: ExecutionResult[] = [];
    const completed = new Promise<void>((resolve, reject) => {
      client.subscribe(
        { query: NEARBY_FRIENDS },
        { next: (result) => told.push(result as ExecutionResult), error: reject, complete: resolve },
      );
    });
    const snapshots = () =>
      told.filter(({ data }) => (data?.['nearbyFriends'] as Frame | undefined)?.snapshot);
    await vi.waitFor(() => expect(snapshots()).toHaveLength(3), { timeout: 10_000 });
    await ask(url, token, 'mutation { signOut }');
    await completed;
    expect(told.at(-1)?.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  });

  it('carry friend requests', async () => {
    const [ann, bob] = await Promise.all([signUp(here), signUp(there)]);
    const events = eventStream(here, ann, 'subscription { friendRequests { status from { id } } }');
    const first = events.next();
    const ids: string[] = [];
    // The stream is open at some moment after its headers: requests are made and taken back until one is heard.
    let heard = false;
    void first.then(() => (heard = true));
    while (!heard) {
      const { id } = await act<{ id: string }>(there, bob, `sendFriendRequest(userId: "${ann.id}") { id }`);
      ids.push(id);
      await act(there, bob, `cancelFriendRequest(requestId: "${id}") { id }`);
    }
    expect((await first).value).toMatchObject({ data: { friendRequests: { from: { id: bob.id } } } });
    expect(ids.length).toBeGreaterThan(0);
  });
});

describe('multipart/mixed', () => {
  const ACCEPT = 'multipart/mixed;subscriptionSpec=1.0';
  const post = (url: string, user: TestUser, query: string): Promise<Response> =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        accept: ACCEPT,
        'content-type': 'application/json',
        authorization: `Bearer ${user.token}`,
      },
      body: JSON.stringify({ query }),
    });
  const part = (json: string): string =>
    `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${json}\r\n--graphql`;

  it('carries each message at once as a part of its own, and signs of life between them', async () => {
    const clock = {
      ...systemClock,
      after: (delayMs: number, callback: () => void) =>
        systemClock.after(delayMs === 5_000 ? 50 : delayMs, callback),
    };
    const own = await startTestCluster(1, {}, { clock });
    onTestFinished(() => own.close());
    const url = own.urls[0] as string;
    const response = await post(
      url,
      await signUp(url),
      'subscription { nearbyFriends { snapshot nearby { updatedAt } } }',
    );
    expect(response.headers.get('content-type')).toBe(
      'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"',
    );
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    onTestFinished(() => reader.cancel());
    let text = '';
    while (!text.endsWith(part('{}').repeat(2)))
      text += Buffer.from((await reader.read()).value ?? '').toString();
    const list = part('{"payload":{"data":{"nearbyFriends":{"snapshot":true,"nearby":[]}}}}');
    expect(text.replaceAll(part('{}'), '')).toBe(`\r\n--graphql${list}`);
  });

  it('carries a single answer to those who take nothing else', async () => {
    const user = await signUp(here);
    const response = await post(here, user, '{ me { id } }');
    expect(await response.text()).toBe(
      `\r\n--graphql${part(`{"payload":{"data":{"me":{"id":"${user.id}"}}}}`)}--\r\n`,
    );
    const refused = await post(here, user, '{ nothing }');
    expect(await refused.text()).toContain('"payload":{"errors":[');
  });
});

describe('GET', () => {
  const get = (user: TestUser, query: string): Promise<Response> =>
    fetch(`${here}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { accept: 'application/json', authorization: `Bearer ${user.token}` },
    });

  it('answers queries and refuses mutations, which then did nothing', async () => {
    const user = await signUp(here);
    expect(await (await get(user, '{ me { id } }')).json()).toEqual({ data: { me: { id: user.id } } });
    const refused = await get(user, 'mutation { updateSharing(input: { enabled: false }) { enabled } }');
    expect(refused.status).toBe(405);
    expect(await refused.text()).toContain('BAD_USER_INPUT');
    expect(await ask(here, user.token, '{ sharing { enabled } }')).toEqual({ sharing: { enabled: true } });
  });
});

it('a token that does not hold counts as none: signing in works, the rest is UNAUTHENTICATED', async () => {
  const user = await signUp(here);
  for (const token of ['x', `${user.token.slice(0, -3)}abc`]) {
    expect(await codesOf(here, token, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
    const signIn = `mutation { signIn(input: { handle: "${user.handle}", password: "correct horse battery" }) { user { id } } }`;
    expect(await ask(here, token, signIn)).toEqual({ signIn: { user: { id: user.id } } });
  }
});

describe('operations', () => {
  it('health, metrics without anybody’s data, and the keys that check our tokens', async () => {
    const user = await signUp(here);
    await move(here, user, HERE);
    for (const path of ['live', 'ready']) expect((await fetch(`${there}/health/${path}`)).status).toBe(200);
    const metrics = await fetch(`${here}/metrics`);
    const text = await metrics.text();
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=/);
    expect(text).toMatch(/^# HELP nearby_connections /m);
    expect(text).not.toContain(user.id);
    expect(text).not.toContain(String(HERE.longitude));
    for (const url of [here, there]) {
      const { payload, protectedHeader } = await jwtVerify(
        user.token,
        createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`)),
      );
      expect(payload.sub).toBe(user.id);
      expect(protectedHeader.alg).toBe('EdDSA');
    }
    expect(await (await fetch(`${here}/.well-known/jwks.json`)).text()).not.toContain('"d"');
  });

  it('counts location updates', async () => {
    const user = await signUp(there);
    const count = (): Promise<number> => metric(there, 'nearby_location_updates_total').catch(() => 0);
    const before = await count();
    await move(there, user, HERE);
    await move(there, user, HERE);
    expect(await count()).toBe(before + 2);
  });

  it('unknown paths are 404, / is the map page', async () => {
    for (const path of ['/x', '/graphql/x', '/health', '/.env', '/%00'])
      expect((await fetch(here + path)).status).toBe(404);
    const root = await fetch(here, { redirect: 'manual' });
    expect([root.status, root.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    const html = await root.text();
    expect(html).toContain('<title>Nearby Friends</title>');
    const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
    const asset = await fetch(here + script);
    expect([asset.status, asset.headers.get('content-encoding')]).toEqual([200, 'gzip']);
    expect(asset.headers.get('cache-control')).toContain('immutable');
  });

  it('GraphiQL is served whole, with nothing fetched from elsewhere', async () => {
    const response = await fetch(`${here}/graphql`, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    const html = await response.text();
    expect(html).toContain('GraphiQL');
    expect(
      html.match(/<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?\/\/[^>]*/gi),
    ).toBeNull();
    expect(html.match(/url\(\s*["']?(?:https?:)?\/\/[^)]*\)/gi)).toBeNull();
    expect(html.match(/@import\s+(?:url\()?["']?(?:https?:)?\/\//gi)).toBeNull();
  });
});

describe('cross-origin requests', () => {
  const preflight = (url: string, origin: string): Promise<Response> =>
    fetch(`${url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  it('are allowed from everywhere by default, without credentials', async () => {
    const { headers, status } = await preflight(here, 'https://app.example');
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(headers.get('access-control-allow-credentials')).not.toBe('true');
    expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
  });

  it('are allowed from listed origins only', async () => {
    const own = await startTestCluster(1, { allowedOrigins: ['https://app.example', 'https://b.example'] });
    onTestFinished(() => own.close());
    const url = own.urls[0] as string;
    const allowed = await preflight(url, 'https://b.example');
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://b.example');
    expect(allowed.headers.get('access-control-allow-credentials')).not.toBe('true');
    for (const origin of ['https://evil.example', 'null', 'https://app.example.evil']) {
      expect((await preflight(url, origin)).headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('cannot be made by forms, which ask no browser for leave', async () => {
    const user = await signUp(here);
    const query = 'mutation { updateSharing(input: { enabled: false }) { enabled } }';
    const form = new FormData();
    form.set('query', query);
    for (const body of [new URLSearchParams({ query }), form, query]) {
      const response = await fetch(`${here}/graphql`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${user.token}` },
      });
      expect(response.status).toBe(415);
    }
    expect(await ask(here, user.token, '{ sharing { enabled } }')).toEqual({ sharing: { enabled: true } });
  });
});
