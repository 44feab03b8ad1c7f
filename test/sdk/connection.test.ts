import {
  type ConnectionState,
  MeDocument,
  memoryTokens,
  type NearbyFriendsClient,
  type NearbyState,
  UpdateLocationDocument,
} from 'nearby-friends-client';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { move } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { stubPlatformEvents } from '../support/platform-events.js';
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
import { startWire, type Wire } from '../support/wire.js';

const WITHIN = { timeout: 10_000, interval: 10 };

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

async function openWire(): Promise<Wire> {
  const wire = await startWire(url);
  onTestFinished(() => wire.close());
  return wire;
}

/** Sockets that go through a wire, while requests over HTTP do not. */
function socketsThrough(wire: Wire): { Socket: typeof WebSocket; opened(): number } {
  let opened = 0;
  class Socket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address.replace(/^ws:\/\/[^/]+/, wire.url.replace('http', 'ws')), protocols);
      opened++;
    }
  }
  return { Socket: Socket as typeof WebSocket, opened: () => opened };
}

const stateOf = (client: NearbyFriendsClient): ConnectionState['state'] => client.connection.state;
const last = (states: readonly NearbyState[]): NearbyState | undefined => states.at(-1);

test('a list outlives the restart of its server', async () => {
  const own = await startTestCluster(1);
  onTestFinished(() => own.close());
  const ownUrl = own.urls[0] as string;
  const { client, friend } = await openWithFriend(ownUrl);
  await move(ownUrl, friend, travel(HERE, 0, 1_000));
  const states = follow(client);
  await vi.waitFor(() => expect(metersOf(last(states))).toEqual([1_000]), WITHIN);

  for (const meters of [2_000, 3_000]) {
    await own.stop(0);
    await vi.waitFor(() => expect(last(states)?.connection.state).toBe('reconnecting'), WITHIN);
    const late = client.request(UpdateLocationDocument, { input: travel(HERE, 180, meters - 1_000) });
    await own.start(0);
    expect((await late).updateLocation.recorded).toBe(true);
    await vi.waitFor(() => {
      expect(metersOf(last(states))).toEqual([meters]);
      expect(last(states)?.connection.state).toBe('live');
    }, WITHIN);
  }
}, 60_000);

test('a list comes back after a mutation was refused and the connection was lost', async () => {
  const wire = await openWire();
  const { client } = await openWithFriend(url, { url: `${wire.url}/graphql` });
  const states = follow(client);
  await vi.waitFor(() => expect(states).toHaveLength(1), WITHIN);
  const input = { ...HERE, recordedAt: '2099-01-01T00:00:00.000Z' };
  await expect(client.request(UpdateLocationDocument, { input })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
  });
  wire.cut();
  await vi.waitFor(() => expect(stateOf(client)).toBe('reconnecting'), WITHIN);
  wire.mend();
  await vi.waitFor(() => expect(last(states)?.connection.state).toBe('live'), WITHIN);
});

test('a list goes on past the end of three tokens, on one socket, in two tabs', async () => {
  const brief = await startTestCluster(1, { accessTokenSeconds: 6 });
  onTestFinished(() => brief.close());
  const briefUrl = brief.urls[0] as string;
  const wire = await startWire(briefUrl);
  onTestFinished(() => wire.close());
  const { Socket, opened } = socketsThrough(wire);
  const tokens = memoryTokens();
  const onSignedOut = vi.fn();
  const options = { tokens, webSocketImpl: Socket, onSignedOut };
  const { client, friend } = await openWithFriend(briefUrl, options);
  const friendsClient = openClient(briefUrl);
  await friendsClient.signIn({ handle: friend.handle, password: PASSWORD });
  const tabs = [client, openClient(briefUrl, options)].map((tab) => follow(tab));
  await vi.waitFor(() => expect(tabs.map((states) => states.length)).toEqual([1, 1]), WITHIN);
  const before = opened();

  const ends = Date.parse(tokens.load()?.accessTokenExpiresAt ?? '');
  const used = new Set<string | undefined>();
  await vi.waitFor(
    () => {
      used.add(tokens.load()?.accessToken);
      expect(used.size).toBeGreaterThan(3);
      // The server closes what has expired once a second.
      expect(Date.now()).toBeGreaterThan(ends + 2_000);
    },
    { ...WITHIN, timeout: 40_000 },
  );
  await friendsClient.request(UpdateLocationDocument, { input: travel(HERE, 0, 500) });
  for (const states of tabs) {
    await vi.waitFor(() => expect(metersOf(last(states))).toEqual([500]), WITHIN);
    expect(states.map(({ connection }) => connection.state)).toEqual(['live', 'live']);
  }
  expect(opened()).toBe(before);
  expect(onSignedOut).not.toHaveBeenCalled();
}, 60_000);

test('a socket ends with the session of its tab, when the next token is due', async () => {
  const brief = await startTestCluster(1, { accessTokenSeconds: 6 });
  onTestFinished(() => brief.close());
  const briefUrl = brief.urls[0] as string;
  const tokens = memoryTokens();
  const onSignedOut = vi.fn();
  const { client } = await openWithFriend(briefUrl, { tokens, onSignedOut });
  const ended = new Promise((resolve) => client.nearbyFriends().subscribe(() => undefined, resolve));
  await client.request(MeDocument);
  const ends = Date.parse(tokens.load()?.accessTokenExpiresAt ?? '');
  tokens.save(null);
  expect(await ended).toMatchObject({ code: 'SIGNED_OUT' });
  expect(Date.now()).toBeLessThan(ends);
  expect(onSignedOut).toHaveBeenCalledOnce();
}, 30_000);

test('a token that could not be renewed in time ends the socket, and the list goes on with the next', async () => {
  const brief = await startTestCluster(1, { accessTokenSeconds: 3 });
  onTestFinished(() => brief.close());
  const wire = await startWire(brief.urls[0] as string);
  onTestFinished(() => wire.close());
  // Tokens are renewed over HTTP, which goes over the wire, while the socket does not.
  class DirectSocket extends WebSocket {
    constructor(_address: string, protocols: string) {
      super(`${brief.urls[0]?.replace('http', 'ws')}/graphql`, protocols);
    }
  }
  const { client } = await openWithFriend(brief.urls[0] as string, {
    url: `${wire.url}/graphql`,
    webSocketImpl: DirectSocket,
  });
  const states = follow(client);
  await vi.waitFor(() => expect(last(states)?.connection.state).toBe('live'), WITHIN);
  wire.cut();
  await vi.waitFor(() => expect(last(states)?.connection.state).toBe('reconnecting'), WITHIN);
  wire.mend();
  await vi.waitFor(() => expect(last(states)?.connection.state).toBe('live'), WITHIN);
}, 60_000);

test('two lists with different radii are apart, on one socket', async () => {
  const wire = await openWire();
  const { Socket, opened } = socketsThrough(wire);
  const { client, friend } = await openWithFriend(url, { webSocketImpl: Socket });
  const near: NearbyState[] = [];
  const far: NearbyState[] = [];
  const stopNear = client.nearbyFriends({ radiusMeters: 1_000 }).subscribe((state) => near.push(state));
  const stopFar = client.nearbyFriends({ radiusMeters: 5_000 }).subscribe((state) => far.push(state));
  onTestFinished(stopFar);
  await vi.waitFor(() => expect([near.length, far.length]).toEqual([1, 1]), WITHIN);

  for (const [meters, frames] of [
    [2_000, [1, 2]],
    [500, [2, 3]],
    [3_000, [3, 4]],
  ] as const) {
    await move(url, friend, travel(HERE, 0, meters));
    await vi.waitFor(() => expect([near.length, far.length]).toEqual(frames), WITHIN);
  }
  expect(near.map(metersOf)).toEqual([[], [500], []]);
  expect(far.map(metersOf)).toEqual([[], [2_000], [500], [3_000]]);

  stopNear();
  await move(url, friend, travel(HERE, 0, 700));
  await vi.waitFor(() => expect(metersOf(last(far))).toEqual([700]), WITHIN);
  await client.request(MeDocument);
  expect(near).toHaveLength(3);
  expect(opened()).toBe(1);
});

test('who ends a list within a callback hears no more of it, also when it is that of somebody else', async () => {
  const wire = await openWire();
  const { client, friend } = await openWithFriend(url, { url: `${wire.url}/graphql` });
  const heard: string[] = [];
  const stopOnce = client.nearbyFriends().subscribe(() => {
    heard.push('once');
    stopOnce();
  });
  const stopFirst = client.nearbyFriends().subscribe(({ connection }) => {
    heard.push(`first ${connection.state}`);
    if (connection.state === 'reconnecting') stopSecond();
  });
  const stopSecond = client.nearbyFriends().subscribe(({ connection }) => {
    heard.push(`second ${connection.state}`);
  });
  onTestFinished(stopFirst);
  await vi.waitFor(() => expect(heard.toSorted()).toEqual(['first live', 'once', 'second live']), WITHIN);
  wire.cut();
  await vi.waitFor(() => expect(heard).toContain('first reconnecting'), WITHIN);
  wire.mend();
  await move(url, friend, travel(HERE, 0, 100));
  await vi.waitFor(() => expect(heard.at(-1)).toBe('first live'), WITHIN);
  expect(heard.filter((entry) => !entry.startsWith('first')).toSorted()).toEqual(['once', 'second live']);
});

test('a callback that throws is reported and disturbs nobody else', async () => {
  const { client, friend } = await openWithFriend(url);
  const uncaught = vi.fn();
  const runners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', uncaught);
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of runners) process.on('uncaughtException', listener);
  });
  onTestFinished(
    client.nearbyFriends().subscribe(() => {
      throw new Error('of the app');
    }),
  );
  const states = follow(client);
  await vi.waitFor(() => expect(states).toHaveLength(1), WITHIN);
  await move(url, friend, travel(HERE, 0, 100));
  await vi.waitFor(() => expect(states.map(metersOf)).toEqual([[], [100]]), WITHIN);
  await client.request(MeDocument);
  expect(states.map(({ connection }) => connection.state)).toEqual(['live', 'live']);
  expect(uncaught.mock.calls.map(([error]) => (error as Error).message)).toEqual([
    'of the app',
    'of the app',
  ]);
});

test('close() while the connection is away ends everything at once, and nothing comes back', async () => {
  const wire = await openWire();
  const { Socket, opened } = socketsThrough(wire);
  const { client } = await openWithFriend(url, { webSocketImpl: Socket });
  const states = follow(client);
  const read = (async () => {
    for await (const state of client.nearbyFriends()) states.push(state);
    return 'ended';
  })();
  await vi.waitFor(() => expect(states).toHaveLength(2), WITHIN);
  wire.cut();
  await vi.waitFor(() => expect(stateOf(client)).toBe('reconnecting'), WITHIN);
  const request = client.request(MeDocument);
  const refused = expect(request).rejects.toMatchObject({ code: 'UNREACHABLE' });

  const tries = opened();
  await client.close();
  expect(stateOf(client)).toBe('idle');
  expect(await read).toBe('ended');
  await refused;
  wire.mend();
  // The longest that a first retry waits.
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect([opened(), stateOf(client)]).toEqual([tries, 'idle']);
  expect((await client.request(MeDocument)).me.id).toBe(client.userId);
});

test('a connection that nobody needs any more is not sought', async () => {
  const wire = await openWire();
  const { client } = await openWithFriend(url, { url: `${wire.url}/graphql` });
  const stop = client.nearbyFriends().subscribe(() => undefined);
  await client.request(MeDocument);
  wire.cut();
  await vi.waitFor(() => expect(stateOf(client)).toBe('reconnecting'), WITHIN);
  stop();
  expect(stateOf(client)).toBe('idle');
});

test('whoever signs in while the connection is away does not wait for it', async () => {
  const wire = await openWire();
  const { Socket } = socketsThrough(wire);
  const { client } = await openWithFriend(url, { webSocketImpl: Socket });
  const ended = new Promise((resolve) => client.nearbyFriends().subscribe(() => undefined, resolve));
  await client.request(MeDocument);
  wire.cut();
  await vi.waitFor(() => expect(stateOf(client)).toBe('reconnecting'), WITHIN);
  const other = await client.signUp({ handle: newHandle(), displayName: 'Other', password: PASSWORD });
  expect(await ended).toMatchObject({ code: 'SIGNED_OUT' });
  wire.mend();
  expect((await client.request(MeDocument)).me.id).toBe(other.id);
  expect(stateOf(client)).toBe('live');
});

test('a network that swallows everything is noticed, and the list is stale since it was last heard of', async () => {
  const wire = await openWire();
  const { client } = await openWithFriend(url, { url: `${wire.url}/graphql` });
  const states = follow(client);
  await vi.waitFor(() => expect(states).toHaveLength(1), WITHIN);
  await client.request(MeDocument);
  const heardAtMs = Date.now();
  wire.stall();
  await vi.waitFor(() => expect(stateOf(client)).toBe('reconnecting'), { timeout: 30_000, interval: 50 });
  const { staleSince } = client.connection as { staleSince: Date };
  expect(staleSince.getTime()).toBeLessThanOrEqual(heardAtMs);
  wire.mend();
  await vi.waitFor(() => expect(last(states)?.connection.state).toBe('live'), WITHIN);
}, 60_000);

test.each([
  ['within seconds', false, 7_000],
  ['at once when the network comes back', true, 1_000],
])('an attempt that the network swallowed is given up %s', async (_when, isTold, withinMs) => {
  const network = stubPlatformEvents();
  const wire = await openWire();
  const { Socket, opened } = socketsThrough(wire);
  const { client } = await openWithFriend(url, { webSocketImpl: Socket });
  const states = follow(client);
  await vi.waitFor(() => expect(states).toHaveLength(1), WITHIN);
  wire.cut();
  wire.mend();
  wire.stall();
  const before = opened();
  await vi.waitFor(() => expect(opened()).toBe(before + 1), WITHIN);
  // It is not young any more.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  wire.strand();
  if (isTold) network.online();
  await vi.waitFor(() => expect(last(states)?.connection.state).toBe('live'), {
    timeout: withinMs,
    interval: 10,
  });
});

test('a socket that died while the device slept is replaced, and what it still brings is ignored', async () => {
  const network = stubPlatformEvents();
  const wire = await openWire();
  const { Socket } = socketsThrough(wire);
  const { client, friend } = await openWithFriend(url, { webSocketImpl: Socket });
  const states = follow(client);
  await vi.waitFor(() => expect(states).toHaveLength(1), WITHIN);
  wire.strand();
  await move(url, friend, travel(HERE, 0, 1_000));
  await move(url, friend, travel(HERE, 0, 2_000));
  network.online();
  await vi.waitFor(() => expect(metersOf(last(states))).toEqual([2_000]), { timeout: 4_000, interval: 10 });
  wire.mend();
  // What the old socket brings comes before the answer to a new one's request through the same process.
  for (let request = 0; request < 5; request++) await client.request(MeDocument);
  expect(states.map(metersOf).slice(1)).toEqual([[], [2_000]]);
  expect(states.map(({ connection }) => connection.state)).toEqual(['live', 'reconnecting', 'live']);
});

test('a socket that works is kept when the page is shown again', async () => {
  const network = stubPlatformEvents();
  const wire = await openWire();
  const { Socket, opened } = socketsThrough(wire);
  const { client } = await openWithFriend(url, { webSocketImpl: Socket });
  const states = follow(client);
  await vi.waitFor(() => expect(states).toHaveLength(1), WITHIN);
  const before = opened();
  network.online();
  // Longer than it has for its answer.
  await new Promise((resolve) => setTimeout(resolve, 2_200));
  expect([opened() - before, states.map(({ connection }) => connection.state)]).toEqual([0, ['live']]);
});
