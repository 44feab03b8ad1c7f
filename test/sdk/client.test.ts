import {
  createNearbyFriendsClient,
  FriendsDocument,
  LocationHistoryDocument,
  MeDocument,
  SendFriendRequestDocument,
  SharingDocument,
  UpdateLocationDocument,
  type ClientOptions,
  type Fix,
  type LocationSource,
  memoryTokens,
  type NearbyFriendsClient,
  type NearbyState,
  type TextStorage,
} from 'nearby-friends-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { act, ask, move, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { travel } from '../support/sphere.js';
import { startWire } from '../support/wire.js';

const HERE = { latitude: 45.81, longitude: 15.98 };
const PASSWORD = 'correct horse battery';
const WITHIN = { timeout: 10_000, interval: 10 };

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

let handles = 0;
const newHandle = (): string => `sdk_${process.pid}_${++handles}`;

function open(options: Partial<ClientOptions> = {}, serverUrl = url): NearbyFriendsClient {
  const client = createNearbyFriendsClient({
    url: `${serverUrl}/graphql`,
    webSocketImpl: WebSocket,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** A client signed up, and the friend whom it watches. */
async function openWithFriend(
  options: Partial<ClientOptions> = {},
  serverUrl = url,
): Promise<{ client: NearbyFriendsClient; friend: TestUser }> {
  const client = open(options, serverUrl);
  const [me, friend] = await Promise.all([
    client.signUp({ handle: newHandle(), displayName: 'Me', password: PASSWORD }),
    signUp(url),
  ]);
  await act(url, friend, `sendFriendRequest(userId: "${me.id}") { id }`);
  const request = await client.request(SendFriendRequestDocument, { userId: friend.id });
  expect(request.sendFriendRequest.status).toBe('ACCEPTED');
  await client.request(UpdateLocationDocument, { input: HERE });
  return { client, friend };
}

/** All states that a list was in. */
function follow(client: NearbyFriendsClient, radiusMeters?: number): NearbyState[] {
  const states: NearbyState[] = [];
  onTestFinished(client.nearbyFriends({ radiusMeters }).subscribe((state) => states.push(state)));
  return states;
}

const idsOf = (state: NearbyState | undefined): string[] | undefined =>
  state?.friends.map(({ friend }) => friend.id);

describe('nearbyFriends', () => {
  test('tells the list at every change: who comes, moves and leaves', async () => {
    const { client, friend } = await openWithFriend();
    const states = follow(client, 5_000);
    await vi.waitFor(() => expect(states).toHaveLength(1), WITHIN);
    expect(states[0]).toMatchObject({ friends: [], origin: HERE, connection: { state: 'live' } });

    await move(url, friend, travel(HERE, 0, 1_000));
    await move(url, friend, travel(HERE, 0, 2_000));
    await move(url, friend, travel(HERE, 0, 9_000));
    await vi.waitFor(() => expect(states).toHaveLength(4), WITHIN);
    expect(
      states.map(({ friends }) => friends.map(({ distanceMeters }) => Math.round(distanceMeters))),
    ).toEqual([[], [1_000], [2_000], []]);
  });

  test('can be read with for await, skipping what a slow reader missed, and ends when one breaks off', async () => {
    const { client, friend } = await openWithFriend();
    const list = client.nearbyFriends()[Symbol.asyncIterator]();
    expect(idsOf((await list.next()).value as NearbyState)).toEqual([]);
    const others = follow(client);
    await vi.waitFor(() => expect(others).toHaveLength(1), WITHIN);
    for (const meters of [100, 200, 300]) await move(url, friend, travel(HERE, 0, meters));
    await vi.waitFor(() => expect(others).toHaveLength(4), WITHIN);
    const { value } = (await list.next()) as { value: NearbyState };
    expect(Math.round(value.friends[0]?.distanceMeters ?? 0)).toBe(300);
    await list.return?.();
    expect(await list.next()).toEqual({ done: true, value: undefined });
  });

  test('a radius that is not allowed is an error with its code', async () => {
    const { client } = await openWithFriend();
    const failed = new Promise((resolve) => {
      client.nearbyFriends({ radiusMeters: -1 }).subscribe(() => undefined, resolve);
    });
    expect(await failed).toMatchObject({
      name: 'NearbyFriendsError',
      code: 'BAD_USER_INPUT',
      isTransient: false,
    });
    const read = client.nearbyFriends({ radiusMeters: -1 })[Symbol.asyncIterator]();
    await expect(read.next()).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('keeps the list while the connection is away, says since when, and takes up what changed meanwhile', async () => {
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    const { client, friend } = await openWithFriend({}, wire.url);
    await move(url, friend, travel(HERE, 0, 1_000));
    const states = follow(client);
    await vi.waitFor(() => expect(idsOf(states.at(-1))).toEqual([friend.id]), WITHIN);

    const cutAtMs = Date.now();
    wire.cut();
    await vi.waitFor(() => expect(states.at(-1)?.connection.state).toBe('reconnecting'), WITHIN);
    const away = states.at(-1);
    expect(idsOf(away)).toEqual([friend.id]);
    const { staleSince } = away?.connection as { staleSince: Date };
    expect(staleSince.getTime()).toBeGreaterThanOrEqual(cutAtMs);
    await move(url, friend, travel(HERE, 0, 3_000));

    wire.mend();
    await vi.waitFor(
      () => expect(Math.round(states.at(-1)?.friends[0]?.distanceMeters ?? 0)).toBe(3_000),
      WITHIN,
    );
    expect(states.at(-1)?.connection.state).toBe('live');
  });
});

describe('a session', () => {
  test('is taken up again by whoever holds its tokens, with a new access token when the old is at its end', async () => {
    const tokens = memoryTokens();
    const { client } = await openWithFriend({ tokens });
    await client.close();
    const first = tokens.load();
    expect(first?.userId).toBe(client.userId);
    tokens.save(first && { ...first, accessTokenExpiresAt: new Date().toISOString() });

    const again = open({ tokens });
    const answers = await Promise.all([
      again.request(MeDocument),
      again.request(FriendsDocument),
      again.request(SharingDocument),
    ]);
    expect(answers[0].me.id).toBe(client.userId);
    expect(answers[1].friends.totalCount).toBe(1);
    expect(tokens.load()?.refreshToken).not.toBe(first?.refreshToken);
  });

  test('that ended elsewhere ends here: whoever uses it is told, and nothing waits for ever', async () => {
    const tokens = memoryTokens();
    const onSignedOut = vi.fn();
    const { client } = await openWithFriend({ tokens, onSignedOut });
    const ended = new Promise((resolve) => {
      client.nearbyFriends().subscribe(() => undefined, resolve);
    });
    const held = tokens.load();
    await ask(url, held?.accessToken ?? '', 'mutation { signOut }');
    expect(await ended).toMatchObject({ code: 'SIGNED_OUT' });
    expect(onSignedOut).toHaveBeenCalledOnce();
    expect(tokens.load()).toBeNull();
    await expect(client.request(MeDocument)).rejects.toMatchObject({ code: 'SIGNED_OUT' });
  });

  test('wrong password, taken handle: the codes of the API', async () => {
    const client = open();
    const handle = newHandle();
    await client.signUp({ handle, displayName: 'Somebody', password: PASSWORD });
    await expect(client.signIn({ handle, password: 'wrong horse battery' })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    await expect(
      client.signUp({ handle, displayName: 'Somebody', password: PASSWORD }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('what is under way when somebody else signs in is never sent as them', async () => {
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    class WiredSocket extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address.replace(/^ws:\/\/[^/]+/, wire.url.replace('http', 'ws')), protocols);
      }
    }
    const { client } = await openWithFriend({ webSocketImpl: WiredSocket });
    const otherHandle = newHandle();
    await open().signUp({ handle: otherHandle, displayName: 'Other', password: PASSWORD });
    const states = follow(client);
    await vi.waitFor(() => expect(states).toHaveLength(1), WITHIN);
    wire.stall();
    const underWay = client.request(UpdateLocationDocument, { input: travel(HERE, 0, 500) });
    const outcome = expect(underWay).rejects.toMatchObject({ code: 'SIGNED_OUT' });
    await client.signIn({ handle: otherHandle, password: PASSWORD });
    await outcome;
    wire.mend();
    const { locationHistory } = await client.request(LocationHistoryDocument, {});
    expect(locationHistory.edges).toEqual([]);
  });
});

test('friend requests are told as they are made and answered, every one', async () => {
  const client = open();
  const me = await client.signUp({ handle: newHandle(), displayName: 'Me', password: PASSWORD });
  const changes = client.friendRequestChanges()[Symbol.asyncIterator]();
  const first = changes.next();
  const others = await Promise.all([signUp(url), signUp(url)]);
  await vi.waitFor(() => expect(client.connection.state).toBe('live'), WITHIN);
  // The subscription went before this query on the same socket.
  await client.request(MeDocument);
  for (const other of others) await act(url, other, `sendFriendRequest(userId: "${me.id}") { id }`);
  const told = [await first, await changes.next()].map(({ value }) => value?.from.id as string);
  expect(told).toEqual(others.map(({ id }) => id));
  await changes.return?.();
});

describe('shareLocation', () => {
  /** A device in the test's hands. */
  function device(): LocationSource & { move(fix: Fix): void } {
    let onFix: (fix: Fix) => void = () => undefined;
    let newest: Fix | null = null;
    return {
      watch(listener) {
        onFix = listener;
        return () => (onFix = () => undefined);
      },
      current: async () => newest as Fix,
      move(fix) {
        newest = fix;
        onFix(fix);
      },
    };
  }

  const startMs = Date.now() - 600_000;
  const fixAt = (seconds: number, meters: number): Fix => ({
    ...travel(HERE, 90, meters),
    accuracyMeters: 8,
    takenAtMs: startMs + seconds * 1_000,
  });

  test('reports as often as the policy says, with the times of the device', async () => {
    const { client } = await openWithFriend();
    const source = device();
    const reported: Fix[] = [];
    const sharing = client.shareLocation({ source, onReported: (fix) => reported.push(fix) });
    onTestFinished(() => sharing.stop());
    // A walk of 1.5 m/s with a fix each second: a report each 30 s.
    for (let second = 0; second <= 120; second++) source.move(fixAt(second, second * 1.5));
    await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
    expect(reported.map(({ takenAtMs }) => (takenAtMs - startMs) / 1_000)).toEqual([0, 30, 60, 90, 120]);
    const { locationHistory } = await client.request(LocationHistoryDocument, {
      to: new Date(startMs + 500_000).toISOString(),
    });
    expect(locationHistory.edges.map(({ node }) => Date.parse(node.recordedAt))).toEqual(
      reported.map(({ takenAtMs }) => takenAtMs).toReversed(),
    );
  });

  test('keeps what it could not send, over a restart of the app too, and each is recorded once', async () => {
    const wire = await startWire(url);
    onTestFinished(() => wire.close());
    const tokens = memoryTokens();
    const storage = textStorage();
    const { client } = await openWithFriend({ tokens }, wire.url);
    wire.cut();
    const source = device();
    const sharing = client.shareLocation({ source, storage });
    for (let minute = 0; minute < 5; minute++) source.move(fixAt(minute * 60, minute * 200));
    expect(sharing.waiting).toBe(5);
    sharing.stop();
    await client.close();

    wire.mend();
    const again = open({ tokens }, wire.url);
    const reported: Fix[] = [];
    const resumed = again.shareLocation({
      source: device(),
      storage,
      onReported: (fix) => reported.push(fix),
    });
    onTestFinished(() => resumed.stop());
    await vi.waitFor(() => expect(resumed.waiting).toBe(0), WITHIN);
    expect(reported.map(({ takenAtMs }) => (takenAtMs - startMs) / 60_000)).toEqual([0, 1, 2, 3, 4]);
    const { locationHistory } = await again.request(LocationHistoryDocument, {
      to: new Date(startMs + 500_000).toISOString(),
    });
    expect(locationHistory.edges).toHaveLength(5);
    expect(storage.size).toBe(0);
  });

  test('what the server refuses for good is told and does not hold up the rest', async () => {
    const { client } = await openWithFriend();
    const errors: unknown[] = [];
    const sharing = client.shareLocation({ source: device(), onError: (error) => errors.push(error) });
    onTestFinished(() => sharing.stop());
    sharing.report({ ...fixAt(0, 0), takenAtMs: Date.UTC(2001, 0) });
    sharing.report(fixAt(60, 100));
    await vi.waitFor(() => expect(sharing.waiting).toBe(0), WITHIN);
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
    const { locationHistory } = await client.request(LocationHistoryDocument, {
      to: new Date(startMs + 500_000).toISOString(),
    });
    expect(locationHistory.edges).toHaveLength(1);
  });

  function textStorage(): TextStorage & { readonly size: number } {
    const items = new Map<string, string>();
    return {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
      removeItem: (key) => void items.delete(key),
      get size() {
        return items.size;
      },
    };
  }
});
