import {
  ClearLocationDocument,
  ClearSharingExceptionDocument,
  type NearbyFriendsClient,
  SetSharingExceptionDocument,
  SharingExceptionsDocument,
  type SharingState,
  UpdateSharingDocument,
} from 'nearby-friends-client';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { newHandle, openClient, openWithFriend, PASSWORD } from '../support/sdk-client.js';
import { eastOfHere, listOf, pushingDevice, shownAt } from '../support/sharing.js';
import { startWire } from '../support/wire.js';

const SOON = { timeout: 5_000, interval: 10 };

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

function follow(client: NearbyFriendsClient, device = 'phone'): SharingState[] {
  const states: SharingState[] = [];
  onTestFinished(client.sharing({ device }).subscribe((state) => states.push(state)));
  return states;
}

test('tells what friends may see at each change, and after the connection was lost what it is then', async () => {
  const wire = await startWire(url);
  onTestFinished(() => wire.close());
  const client = openClient(wire.url);
  await client.signUp({ handle: newHandle(), displayName: 'Me', password: PASSWORD, sharingEnabled: false });
  const states = follow(client);
  await expect.poll(() => states.length, SOON).toBe(1);
  expect(states[0]).toMatchObject({ sharing: { enabled: false }, place: null, friendsChanged: null });
  const device = pushingDevice();
  client.shareLocation({ device: 'phone', source: device });
  device.push(eastOfHere(0));
  await expect.poll(() => states.at(-1)?.place, SOON).toMatchObject({ ofThisDevice: true });

  wire.cut();
  await expect.poll(() => states.at(-1)?.connection.state, SOON).toBe('reconnecting');
  expect(states.at(-1)).toMatchObject({
    sharing: { enabled: false },
    friendsChanged: [],
    exceptionsChanged: [],
  });
  wire.mend();
  await expect
    .poll(() => states.at(-1), SOON)
    .toMatchObject({ connection: { state: 'live' }, friendsChanged: null, exceptionsChanged: null });
  await client.request(UpdateSharingDocument, { input: { enabled: true } });
  await expect.poll(() => states.at(-1)?.sharing.enabled, SOON).toBe(true);
});

test('tells every device of the exceptions that are made and cleared', async () => {
  const { client, friend } = await openWithFriend(url);
  const friendId = friend.id;
  const states = [follow(client), follow(client, 'tablet')];
  for (const of of states) await expect.poll(() => of.at(-1)?.exceptionsChanged, SOON).toBeNull();
  // That they have become friends may be told late, in a state of its own.
  const told = (of: readonly SharingState[]): number =>
    of.filter(({ exceptionsChanged }) => exceptionsChanged?.join() === friendId).length;
  await client.request(SetSharingExceptionDocument, { input: { friendId, precision: 'APPROXIMATE' } });
  for (const of of states) await expect.poll(() => told(of), SOON).toBe(1);
  const { sharingExceptions } = await client.request(SharingExceptionsDocument);
  expect(sharingExceptions.edges).toMatchObject([
    { node: { friend: { id: friendId }, enabled: true, precision: 'APPROXIMATE', until: null } },
  ]);
  await client.request(ClearSharingExceptionDocument, { friendId });
  for (const of of states) await expect.poll(() => told(of), SOON).toBe(2);
});

test('clearLocation ends all sharing and takes the location back', async () => {
  const { client, friend } = await openWithFriend(url);
  const states = follow(client);
  const list = await listOf(url, friend);
  const device = pushingDevice();
  const sharing = client.shareLocation({ device: 'phone', source: device });
  device.push(eastOfHere(100));
  await expect.poll(() => shownAt(list), SOON).toEqual([100]);
  expect(await client.clearLocation()).toBe(true);
  await expect.poll(() => shownAt(list), SOON).toEqual([]);
  await expect.poll(() => states.at(-1)?.place, SOON).toBeNull();
  sharing.report(eastOfHere(200));
  expect(await client.request(ClearLocationDocument)).toEqual({ clearLocation: false });
  expect(shownAt(list)).toEqual([]);
});
