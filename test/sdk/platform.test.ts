/** The SDK where the platform lacks something, and where what fails is not the network. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  MeDocument,
  memoryTokens,
  SendFriendRequestDocument,
  UpdateLocationDocument,
  UserDocument,
} from 'nearby-friends-client';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { randomId } from '../../sdk/src/random-id.js';
import { move, signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { query } from '../support/query.js';
import {
  follow,
  HERE,
  metersOf,
  newHandle,
  openClient,
  openWithFriend,
  PASSWORD,
} from '../support/sdk-client.js';
import { travel } from '../support/sphere.js';

const WITHIN = { timeout: 10_000, interval: 10 };
const NOTHING_LISTENS = 'http://127.0.0.1:1';

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});
afterAll(() => cluster.close());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Takes a function from the platform, for this test alone. */
function without(owner: object, name: string): void {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value: undefined, configurable: true });
  onTestFinished(() => {
    Reflect.deleteProperty(owner, name);
    if (own !== undefined) Object.defineProperty(owner, name, own);
  });
}

const account = () => ({ handle: newHandle(), displayName: 'Me', password: PASSWORD });

/** A server, or something in front of it, that answers everything with the same. */
async function answering(status: number, type: string, body: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('without AbortSignal.timeout and crypto.randomUUID everything works', async () => {
  without(AbortSignal, 'timeout');
  const { client, friend } = await openWithFriend(url);
  // Only now: the server, which is in this process, makes ids for new accounts with it.
  without(crypto, 'randomUUID');
  const states = follow(client);
  const sharing = client.shareLocation({
    source: {
      watch(onFix) {
        onFix({ ...travel(HERE, 0, 1_000), accuracyMeters: 5, takenAtMs: Date.now() });
        return () => undefined;
      },
      current: () => Promise.reject(new Error('not asked')),
    },
  });
  onTestFinished(() => {
    sharing.stop();
  });
  await move(url, friend, HERE);
  await vi.waitFor(() => expect(metersOf(states.at(-1))).toEqual([1_000]), WITHIN);
});

test('a random id is a UUID of version 4 and comes once', () => {
  const ids = Array.from({ length: 1_000 }, randomId);
  for (const id of ids)
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
});

test('without crypto an id is a UUID of version 7, unique though Math.random starts again', () => {
  without(globalThis, 'crypto');
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const ids = Array.from({ length: 100 }, () => {
    vi.advanceTimersByTime(1);
    return randomId();
  });
  for (const id of ids)
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
  const last = ids.at(-1)?.replaceAll('-', '') ?? '';
  expect(Number.parseInt(last.slice(0, 12), 16)).toBe(Date.now());
});

test('an app may make the ids itself', async () => {
  const made: string[] = [];
  const randomUUID = (): string => {
    made.push(randomId());
    return made.at(-1) as string;
  };
  const client = openClient(url, { randomUUID });
  await client.signUp(account());
  await client.request(UpdateLocationDocument, { input: HERE });
  const rows = await query<{ id: string }>(
    cluster.database,
    'SELECT id FROM location_ids WHERE user_id = $1',
    [client.userId],
  );
  expect(made).toEqual(rows.map(({ id }) => id));
});

describe('what the network did is UNREACHABLE', () => {
  test('nothing listens', async () => {
    await expect(openClient(NOTHING_LISTENS).signUp(account())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      isTransient: true,
    });
  });

  test.each([
    ['a balancer without a server', 502, 'text/html', '<html>Bad Gateway</html>'],
    ['a captive portal', 200, 'text/html', '<html>Accept our terms</html>'],
  ])('%s answers', async (_name, status, type, body) => {
    const client = openClient(await answering(status, type, body));
    await expect(client.signUp(account())).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('what the platform or the app did is CLIENT_ERROR', () => {
  test.each(['fetch', 'Request', 'AbortController'])('there is no %s', async (name) => {
    const client = openClient(url);
    vi.stubGlobal(name, undefined);
    await expect(client.signUp(account())).rejects.toMatchObject({
      code: 'CLIENT_ERROR',
      isTransient: false,
      message: expect.stringMatching(new RegExp(`^The client failed: .*${name}`)),
      cause: expect.any(Error),
    });
  });

  test('the URL is none', async () => {
    const client = openClient('not a url');
    await expect(client.signUp(account())).rejects.toMatchObject({ code: 'CLIENT_ERROR' });
    // `ws` throws, as browsers do for a page on https that connects to http.
    await expect(client.request(MeDocument)).rejects.toMatchObject({ code: 'CLIENT_ERROR' });
    await expect(client.request(MeDocument)).rejects.toMatchObject({ code: 'CLIENT_ERROR' });
  });

  test('there is no WebSocket', async () => {
    without(globalThis, 'WebSocket');
    const client = openClient(url, { webSocketImpl: undefined });
    await client.signUp(account());
    const noWebSocket = {
      code: 'CLIENT_ERROR',
      isTransient: false,
      message: expect.stringMatching(/This platform has no WebSocket\. Pass one as `webSocketImpl`/),
    };
    await expect(client.request(MeDocument)).rejects.toMatchObject(noWebSocket);
    const onEnd = vi.fn();
    client.nearbyFriends().subscribe(() => undefined, onEnd);
    await vi.waitFor(() => expect(onEnd).toHaveBeenCalled(), WITHIN);
    expect(onEnd.mock.calls).toMatchObject([[noWebSocket]]);
    const onError = vi.fn();
    const sharing = client.shareLocation({
      source: { watch: () => () => undefined, current: () => new Promise(() => undefined) },
      onError,
    });
    onTestFinished(() => {
      sharing.stop();
    });
    for (let meters = 0; meters < 5; meters++) {
      sharing.report({ ...travel(HERE, 0, meters), accuracyMeters: 5, takenAtMs: Date.now() });
    }
    // It is tried again meanwhile.
    await sleep(1_500);
    expect(onError.mock.calls).toMatchObject([[noWebSocket]]);
    expect(sharing.waiting).toBe(5);
  });

  test('a socket cannot be made for now', async () => {
    let allowed = false;
    class Socket extends WebSocket {
      constructor(address: string, protocols: string) {
        if (!allowed) throw new Error('not allowed here');
        super(address, protocols);
      }
    }
    const client = openClient(url, { webSocketImpl: Socket });
    const me = await client.signUp(account());
    const errors: unknown[] = [];
    client.nearbyFriends().subscribe(
      () => undefined,
      (error) => errors.push(error),
    );
    await expect(client.request(MeDocument)).rejects.toMatchObject({
      code: 'CLIENT_ERROR',
      message: 'The client failed: not allowed here',
    });
    expect(errors).toMatchObject([{ code: 'CLIENT_ERROR' }]);
    expect(client.connection.state).toBe('idle');
    allowed = true;
    expect((await client.request(MeDocument)).me.id).toBe(me.id);
  });

  test('variables that JSON cannot hold are refused at once, and disturb no other operation', async () => {
    const { client, friend } = await openWithFriend(url);
    const states = follow(client);
    await vi.waitFor(() => expect(states).toHaveLength(1), WITHIN);
    const handle = 1n as unknown;
    await expect(client.request(UserDocument, { handle: handle as string })).rejects.toMatchObject({
      code: 'CLIENT_ERROR',
    });
    await move(url, friend, travel(HERE, 0, 1_000));
    await vi.waitFor(() => expect(metersOf(states.at(-1))).toEqual([1_000]), WITHIN);
    expect(states.map(({ connection }) => connection.state)).toEqual(['live', 'live']);
  });

  test('a message that the client cannot read ends its list, and not the connection', async () => {
    class Socket extends WebSocket {
      override emit(event: string, data?: unknown, ...rest: unknown[]): boolean {
        const changed =
          event === 'message'
            ? Buffer.from((data as Buffer).toString().replace('"left":[]', '"left":7'))
            : data;
        return super.emit(event, changed, ...rest);
      }
    }
    const client = openClient(url, { webSocketImpl: Socket });
    await client.signUp(account());
    const errors: unknown[] = [];
    client.nearbyFriends().subscribe(
      () => undefined,
      (error) => errors.push(error),
    );
    await vi.waitFor(() => expect(errors).toMatchObject([{ code: 'CLIENT_ERROR' }]), WITHIN);
    expect((await client.request(MeDocument)).me.id).toBe(client.userId);
    expect(client.connection.state).toBe('live');
  });

  test('a device without geolocation', async () => {
    const client = openClient(url);
    await client.signUp(account());
    expect(() => client.shareLocation()).toThrow('This platform has no geolocation. Pass a `source`');
  });

  test('a token that the platform cannot renew keeps its session', async () => {
    const user = await signUp(url);
    const tokens = memoryTokens();
    tokens.save({
      userId: user.id,
      accessToken: user.token,
      accessTokenExpiresAt: new Date(0).toISOString(),
      refreshToken: user.refreshToken,
    });
    const onSignedOut = vi.fn();
    const client = openClient(url, { tokens, onSignedOut });
    vi.stubGlobal('fetch', undefined);
    await expect(client.request(MeDocument)).rejects.toMatchObject({ code: 'CLIENT_ERROR' });
    expect([client.userId, onSignedOut.mock.calls.length]).toEqual([user.id, 0]);
    vi.unstubAllGlobals();
    expect((await client.request(MeDocument)).me.id).toBe(user.id);
  });
});

test('an error of the API keeps its own code', async () => {
  const client = openClient(url);
  await client.signUp(account());
  await expect(client.request(SendFriendRequestDocument, { userId: 'nobody' })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
  });
});
