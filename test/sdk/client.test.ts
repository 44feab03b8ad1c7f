import {
  FriendsDocument,
  LocationHistoryDocument,
  MeDocument,
  memoryTokens,
  NearbyFriendsDocument,
  type NearbyState,
  SharingDocument,
  UpdateLocationDocument,
} from 'nearby-friends-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { act, ask, move, signUp } from '../support/api.js';
import { settle } from '../support/fake-clock.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
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
import { startWire } from '../support/wire.js';

const WITHIN = { timeout: 10_000, interval: 10 };

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

const idsOf = (state: NearbyState | undefined): string[] | undefined =>
  state?.friends.map(({ friend }) => friend.id);

describe('nearbyFriends', () => {
  test('tells the list at every change: who comes, moves and leaves', async () => {
    const { client, friend } = await openWithFriend(url);
    const states = follow(client, 5_000);
    await vi.waitFor(() => expect(states).toHaveLength(1), WITHIN);
    expect(states[0]).toMatchObject({ friends: [], origin: HERE, connection: { state: 'live' } });

    for (const [frames, meters] of [1_000, 2_000, 9_000].entries()) {
      await move(url, friend, travel(HERE, 0, meters));
      await vi.waitFor(() => expect(states).toHaveLength(frames + 2), WITHIN);
    }
    expect(states.map(metersOf)).toEqual([[], [1_000], [2_000], []]);
  });

  test('keeps a friend at the edge as far as the margin goes', async () => {
    const { client, friend } = await openWithFriend(url);
    await move(url, friend, travel(HERE, 0, 900));
    const states: NearbyState[] = [];
    const radius = { radiusMeters: 1_000, leaveMarginMeters: 100 };
    onTestFinished(client.nearbyFriends(radius).subscribe((state) => states.push(state)));
    await vi.waitFor(() => expect(states).toHaveLength(1), WITHIN);
    for (const [frames, meters] of [1_090, 1_110].entries()) {
      await move(url, friend, travel(HERE, 0, meters));
      await vi.waitFor(() => expect(states).toHaveLength(frames + 2), WITHIN);
    }
    expect(states.map(metersOf)).toEqual([[900], [1_090], []]);
    const wrong = client.nearbyFriends({ leaveMarginMeters: -1 })[Symbol.asyncIterator]();
    await expect(wrong.next()).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('can be read with for await, skipping what a slow reader missed, and ends when one breaks off', async () => {
    const { client, friend } = await openWithFriend(url);
    const others = follow(client);
    const read: unknown[] = [];
    for await (const list of client.nearbyFriends()) {
      read.push(metersOf(list));
      if (read.length === 2) break;
      await vi.waitFor(() => expect(others).toHaveLength(1), WITHIN);
      for (const [frames, meters] of [100, 200, 300].entries()) {
        await move(url, friend, travel(HERE, 0, meters));
        await vi.waitFor(() => expect(others).toHaveLength(frames + 2), WITHIN);
      }
      // What the other subscription on the same socket has, this one has too when a request after it is answered.
      await client.request(MeDocument);
    }
    expect(read).toEqual([[], [300]]);
  });

  test('can be asked for the next several times at once', async () => {
    const { client, friend } = await openWithFriend(url);
    const list = client.nearbyFriends()[Symbol.asyncIterator]();
    const asked = [list.next(), list.next(), list.next()];
    await asked[0];
    await move(url, friend, travel(HERE, 0, 100));
    await asked[1];
    await list.return?.();
    const told = (await Promise.all(asked)).map(({ value }) => metersOf(value as NearbyState | undefined));
    expect(told).toEqual([[], [100], undefined]);
  });

  test('a radius that is not allowed is an error with its code', async () => {
    const { client } = await openWithFriend(url);
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
    const { client, friend } = await openWithFriend(url, { url: `${wire.url}/graphql` });
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
    await vi.waitFor(() => expect(states.at(-1)?.connection.state).toBe('live'), WITHIN);
    expect(metersOf(states.at(-1))).toEqual([3_000]);
    // Never 'live' with the list of before.
    expect(states.filter(({ connection }) => connection.state === 'live').map(metersOf)).toEqual([
      [1_000],
      [3_000],
    ]);
  });
});

describe('a session', () => {
  test('is taken up again by whoever holds its tokens, with a new access token when the old is at its end', async () => {
    const tokens = memoryTokens();
    const { client } = await openWithFriend(url, { tokens });
    await client.close();
    const first = tokens.load();
    expect(first?.userId).toBe(client.userId);
    tokens.save(first && { ...first, accessTokenExpiresAt: new Date().toISOString() });

    const again = openClient(url, { tokens });
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
    const { client } = await openWithFriend(url, { tokens, onSignedOut });
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

  test.each([
    ['signs out', null],
    ['signs in as somebody else', 'other'],
  ])('ends here when another tab that shares it %s, and whoever uses it is told', async (_what, as) => {
    const tokens = memoryTokens();
    const onSignedOut = vi.fn();
    const { client } = await openWithFriend(url, { tokens, onSignedOut });
    const ended = new Promise((resolve) => client.nearbyFriends().subscribe(() => undefined, resolve));
    await client.request(MeDocument);
    const otherTab = openClient(url, { tokens });
    await otherTab.signOut();
    if (as !== null) await otherTab.signUp({ handle: newHandle(), displayName: as, password: PASSWORD });
    expect(await ended).toMatchObject({ code: 'SIGNED_OUT' });
    expect(onSignedOut).toHaveBeenCalledOnce();
    expect(client.userId).toBe(otherTab.userId);
    await expect(client.request(MeDocument)).rejects.toMatchObject({ code: 'SIGNED_OUT' });
  });

  test('that ended in another tab ends here when the client is used next, with nothing open', async () => {
    const tokens = memoryTokens();
    const onSignedOut = vi.fn();
    const { client } = await openWithFriend(url, { tokens });
    const idle = openClient(url, { tokens, onSignedOut });
    await client.signOut();
    expect(onSignedOut).not.toHaveBeenCalled();
    await expect(idle.request(MeDocument)).rejects.toMatchObject({ code: 'SIGNED_OUT' });
    await expect(idle.request(MeDocument)).rejects.toMatchObject({ code: 'SIGNED_OUT' });
    expect(onSignedOut).toHaveBeenCalledOnce();
  });

  test('that ended in another tab ends here when the device is to report, even if the server does not know', async () => {
    const tokens = memoryTokens();
    const onSignedOut = vi.fn();
    const { client } = await openWithFriend(url, { tokens, onSignedOut });
    const onError = vi.fn();
    const sharing = client.shareLocation({
      source: { watch: () => () => undefined, current: () => new Promise(() => undefined) },
      onError,
    });
    tokens.save(null);
    sharing.report({ ...HERE, accuracyMeters: 5, takenAtMs: Date.now() });
    await vi.waitFor(() => expect(onSignedOut).toHaveBeenCalledOnce(), WITHIN);
    expect(onError.mock.calls).toMatchObject([[{ code: 'SIGNED_OUT' }]]);
    await expect(client.request(MeDocument)).rejects.toMatchObject({ code: 'SIGNED_OUT' });
  });

  test('is forgotten here before the server has answered, and ends there too', async () => {
    const tokens = memoryTokens();
    const client = openClient(url, { tokens });
    await client.signUp({ handle: newHandle(), displayName: 'Somebody', password: PASSWORD });
    const held = tokens.load();
    const signedOut = client.signOut();
    await settle();
    expect([tokens.load(), client.userId]).toEqual([null, null]);
    await signedOut;
    await expect(ask(url, held?.accessToken ?? '', '{ me { id } }')).rejects.toThrow('UNAUTHENTICATED');
  });

  test('wrong password, taken handle: the codes of the API', async () => {
    const client = openClient(url);
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
    const { client } = await openWithFriend(url, { webSocketImpl: WiredSocket });
    const otherHandle = newHandle();
    await openClient(url).signUp({ handle: otherHandle, displayName: 'Other', password: PASSWORD });
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

test('any subscription can be had by its document', async () => {
  const { client, friend } = await openWithFriend(url);
  const told: string[][] = [];
  onTestFinished(
    client
      .subscribe(NearbyFriendsDocument, { radiusMeters: 5_000 })
      .subscribe(({ nearbyFriends }) => told.push(nearbyFriends.nearby.map(({ friend: { id } }) => id))),
  );
  await vi.waitFor(() => expect(told).toEqual([[]]), WITHIN);
  await move(url, friend, travel(HERE, 0, 1_000));
  await vi.waitFor(() => expect(told).toEqual([[], [friend.id]]), WITHIN);
});

test('friend requests are told as they are made and answered, every one', async () => {
  const client = openClient(url);
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
