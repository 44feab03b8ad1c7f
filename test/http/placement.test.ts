/** The number of a place that clients connect with: who gets it, and what it does not tell. */
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createLogger } from '../../src/log.js';
import {
  ask,
  connectForTest,
  metric,
  move,
  requestOverSocket,
  signUp,
  type TestUser,
} from '../support/api.js';
import { followNearby } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { openRawSocket } from '../support/raw-socket.js';
import { travel } from '../support/sphere.js';

const TOKYO = { latitude: 35.681236, longitude: 139.767125 };
const OSAKA = { latitude: 34.702485, longitude: 135.495951 };
const NEAR = `mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { near } }`;

let cluster: TestCluster;
let urls: readonly string[];
const written: string[] = [];

beforeAll(async () => {
  const log = createLogger('debug', { write: (line) => void written.push(line) });
  cluster = await startTestCluster(2, {}, { log });
  ({ urls } = cluster);
});

afterAll(() => cluster.close());

interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const report = async (url: string, user: TestUser, input: Place): Promise<string> =>
  (await ask<{ updateLocation: { near: string } }>(url, user.token, NEAR, { input })).updateLocation.near;

/** What connection_ack says of where the user is. @param query of the address. */
async function told(url: string, { token }: Pick<TestUser, 'token'>, query = ''): Promise<unknown> {
  const raw = await openRawSocket(url, {}, query);
  await raw.init(token);
  raw.socket.close();
  return (raw.messages[0]?.payload as { near?: unknown }).near;
}

it('is one for all who are near each other, on every server, and another one elsewhere', async () => {
  const [ann, bob, cid] = await Promise.all(
    urls
      .concat(urls)
      .slice(0, 3)
      .map((url) => signUp(url)),
  );
  if (ann === undefined || bob === undefined || cid === undefined) throw new Error('three users');
  const [here, there] = urls as [string, string];
  const near = await report(here, ann, TOKYO);
  expect(near).toMatch(/^\d{1,10}$/);
  expect(await report(there, bob, travel(TOKYO, 90, 1_000))).toBe(near);
  expect(await report(there, cid, OSAKA)).not.toBe(near);
  expect(await told(here, bob)).toBe(near);
  expect(await told(there, ann, '?near=1')).toBe(near);
});

it('is told to a client that reports over its socket, by a document that comes often, too', async () => {
  const user = await signUp(urls[0] as string);
  const near = await report(urls[0] as string, user, TOKYO);
  const client = connectForTest(urls[0] as string, user.token);
  await followNearby(client).next();
  for (let sent = 0; sent < 102; sent++) {
    const { data } = await requestOverSocket(client, NEAR, { input: TOKYO });
    expect(data).toEqual({ updateLocation: { near } });
  }
});

it('is not told before the first location, nor to nobody', async () => {
  const user = await signUp(urls[0] as string);
  expect(await told(urls[0] as string, user)).toBeUndefined();
  const raw = await openRawSocket(urls[0] as string);
  await raw.init(null);
  expect(raw.messages[0]?.payload).not.toHaveProperty('near');
  raw.socket.close();
});

it('has nothing of the place in it: another deployment has another number', async () => {
  const other = await startTestCluster(1);
  onTestFinished(() => other.close());
  const url = other.urls[0] as string;
  const [theirs, ours] = [
    await report(url, await signUp(url), TOKYO),
    await report(urls[0] as string, await signUp(urls[0] as string), TOKYO),
  ];
  expect(theirs).toMatch(/^\d{1,10}$/);
  expect(theirs).not.toBe(ours);
});

it('may be anything that a client makes up, and stands in no log', async () => {
  const user = await signUp(urls[0] as string);
  const near = await report(urls[0] as string, user, TOKYO);
  for (const query of [
    `?near=${near}`,
    '?near=',
    '?near=%00%ff',
    `?near=${'9'.repeat(5_000)}`,
    '?near=1&near=2',
    '?x',
  ])
    expect(await told(urls[0] as string, user, query), query).toBe(near);
  expect(written.length).toBeGreaterThan(0);
  expect(written.filter((line) => line.includes(near) || line.includes('near='))).toEqual([]);
});

it('goes into the address of the next connection with one line of graphql-ws', async () => {
  const url = urls[0] as string;
  const user = await signUp(url);
  const expected = await report(url, user, TOKYO);
  const addresses: string[] = [];
  class Socket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols);
      addresses.push(address);
    }
  }
  const address = `${url.replace('http', 'ws')}/graphql`;
  let near: string | null = null;
  const client = createClient({
    webSocketImpl: Socket,
    connectionParams: { authorization: `Bearer ${user.token}` },
    url: () => `${address}${near === null ? '' : `?near=${near}`}`,
    on: { connected: (_socket, told) => void (near = (told as { near?: string } | undefined)?.near ?? near) },
  });
  for (let visit = 0; visit < 2; visit++) {
    const { data } = await requestOverSocket(client, '{ __typename }');
    expect(data).toBeDefined();
    // graphql-ws closes a socket that nothing needs, and opens the next one for what comes then.
    await vi.waitFor(async () => expect(await metric(url, 'nearby_connections')).toBe(0), {
      timeout: 10_000,
    });
  }
  expect(addresses).toEqual([address, `${address}?near=${expected}`]);
});

it('is left out while Redis does not say where the user is, and nobody waits for long', async () => {
  const own = await startTestCluster(1);
  onTestFinished(() => own.close());
  const url = own.urls[0] as string;
  const user = await signUp(url);
  await move(url, user, TOKYO);
  expect(await told(url, user)).toMatch(/^\d+$/);
  await own.redis.kill9();
  expect(await told(url, user)).toBeUndefined();
});
