/** What a user changes about the own account, as two devices with the SDK see it. */
import {
  ChangePasswordDocument,
  EndSessionDocument,
  MeDocument,
  SessionsDocument,
  UpdateProfileDocument,
} from 'nearby-friends-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { move } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { follow, HERE, newHandle, openClient, openWithFriend, PASSWORD } from '../support/sdk-client.js';

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] ?? '';
});
afterAll(() => cluster.close());

/** Two devices of one user, both live; `onSignedOut` is the tablet's. */
async function twoDevices() {
  const handle = newHandle();
  const onSignedOut = vi.fn();
  const [phone, tablet] = [openClient(url), openClient(url, { onSignedOut })];
  await phone.signUp({ handle, displayName: 'Me', password: PASSWORD });
  await tablet.signIn({ handle, password: PASSWORD });
  follow(tablet);
  await tablet.request(MeDocument);
  return { handle, phone, tablet, onSignedOut };
}

test('a wrong password is no sign-out, and a new one signs the other device out', async () => {
  const { handle, phone, tablet, onSignedOut } = await twoDevices();

  const change = { currentPassword: 'wrong password', newPassword: 'staple staple' };
  await expect(phone.request(ChangePasswordDocument, { input: change })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
  await phone.request(MeDocument);
  expect(onSignedOut).not.toHaveBeenCalled();

  const input = { ...change, currentPassword: PASSWORD };
  expect(await phone.request(ChangePasswordDocument, { input })).toEqual({ changePassword: true });
  await vi.waitFor(
    () => {
      expect(onSignedOut).toHaveBeenCalledOnce();
    },
    { timeout: 10_000 },
  );
  await phone.request(MeDocument);
  await tablet.signIn({ handle, password: input.newPassword });
});

test('another device is signed out by its session', async () => {
  const { phone, onSignedOut } = await twoDevices();
  const { sessions } = await phone.request(SessionsDocument, {});
  const other = sessions.edges.find(({ node }) => !node.isCurrent);
  expect(await phone.request(EndSessionDocument, { id: other?.node.id ?? '' })).toEqual({ endSession: true });
  await vi.waitFor(
    () => {
      expect(onSignedOut).toHaveBeenCalledOnce();
    },
    { timeout: 10_000 },
  );
});

test('a new name is on the open list of a friend', async () => {
  const { client, friend } = await openWithFriend(url);
  await move(url, friend, HERE);
  const states = follow(client);
  const namesOf = (): string[] =>
    states.at(-1)?.friends.map(({ friend: { displayName } }) => displayName) ?? [];
  await vi.waitFor(
    () => {
      expect(namesOf()).toEqual(['Grace']);
    },
    { timeout: 10_000 },
  );
  const other = openClient(url);
  await other.signIn({ handle: friend.handle, password: PASSWORD });
  const { updateProfile } = await other.request(UpdateProfileDocument, {
    input: { displayName: 'Grace Hopper' },
  });
  expect(updateProfile.displayName).toBe('Grace Hopper');
  await vi.waitFor(
    () => {
      expect(namesOf()).toEqual(['Grace Hopper']);
    },
    { timeout: 10_000 },
  );
});
