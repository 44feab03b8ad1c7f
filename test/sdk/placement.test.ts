/** The number of the place, which the SDK learns, keeps and connects with. */
import { memoryTokens, storedTokens, type Tokens, UpdateLocationDocument } from 'nearby-friends-client';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ask, signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { HERE, newHandle, openClient, PASSWORD } from '../support/sdk-client.js';
import { travel } from '../support/sphere.js';

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  // People of these tests travel faster than they could.
  cluster = await startTestCluster(1, { maxSpeedMetersPerSecond: 100_000_000 });
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

/** Sockets that remember their addresses. */
function sockets(): { Socket: unknown; nears: (string | null)[] } {
  const nears: (string | null)[] = [];
  class Socket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols);
      nears.push(new URL(address).searchParams.get('near'));
    }
  }
  return { Socket, nears };
}

const numberOf = async (place: typeof HERE): Promise<string> => {
  const { token } = await signUp(url);
  const query = 'mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { near } }';
  return (await ask<{ updateLocation: { near: string } }>(url, token, query, { input: place })).updateLocation
    .near;
};

test('a client learns it with its first report, follows the user’s travels, and keeps it over a visit', async () => {
  const { Socket, nears } = sockets();
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const visit = (query = '') =>
    openClient(url, { url: `${url}/graphql${query}`, tokens: storedTokens(storage), webSocketImpl: Socket });
  const first = visit();
  await first.signUp({ handle: newHandle(), displayName: 'Near', password: PASSWORD });
  await first.request(UpdateLocationDocument, { input: HERE });
  const away = travel(HERE, 90, 300_000);
  await first.close();
  await first.request(UpdateLocationDocument, { input: away });
  await first.close();

  const second = visit('?app=test');
  await second.request(UpdateLocationDocument, { input: away });
  expect(nears).toEqual([null, await numberOf(HERE), await numberOf(away)]);
});

test('a client that only looks learns it from the server, and a renewed token does not lose it', async () => {
  const { Socket, nears } = sockets();
  const tokens = memoryTokens();
  const client = openClient(url, { tokens, webSocketImpl: Socket });
  await client.signUp({ handle: newHandle(), displayName: 'Looks', password: PASSWORD });
  const reportElsewhere =
    'mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { recorded } }';
  await ask(url, tokens.load()?.accessToken ?? '', reportElsewhere, { input: HERE });
  const states: unknown[] = [];
  const stop = client.nearbyFriends().subscribe((state) => states.push(state));
  const near = await numberOf(HERE);
  await vi.waitFor(() => expect(tokens.load()?.near).toBe(near), { timeout: 10_000 });
  stop();
  await client.close();
  const before = tokens.load() as Tokens;
  tokens.save({ ...before, accessTokenExpiresAt: new Date().toISOString() });
  onTestFinished(client.nearbyFriends().subscribe(() => undefined));
  await vi.waitFor(() => expect(nears).toEqual([null, near]), { timeout: 10_000 });
  await vi.waitFor(() => expect(tokens.load()?.refreshToken).not.toBe(before.refreshToken), {
    timeout: 10_000,
  });
  expect(tokens.load()?.near).toBe(near);
});

test('a storage that takes nothing more does no harm, and who signs out leaves nothing behind', async () => {
  const { load, save } = memoryTokens();
  let isFull = false;
  const tokens = {
    load,
    save(next: Tokens | null) {
      if (isFull && next !== null) throw new Error('QuotaExceededError');
      save(next);
    },
  };
  const client = openClient(url, { tokens, webSocketImpl: WebSocket });
  await client.signUp({ handle: newHandle(), displayName: 'Full', password: PASSWORD });
  isFull = true;
  const { updateLocation } = await client.request(UpdateLocationDocument, { input: HERE });
  expect(updateLocation.recorded).toBe(true);
  expect(load()?.near).toBeUndefined();
  isFull = false;
  await client.request(UpdateLocationDocument, { input: HERE });
  await vi.waitFor(() => expect(load()?.near).toBe(updateLocation.near), { timeout: 10_000 });
  await client.signOut();
  expect(load()).toBeNull();
});
