/** The commands of operators, as they type them, beside a server that runs. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { admin as runAdmin } from '../support/admin.js';
import { act, ask, codesOf, connectForTest, move, signUpFriends } from '../support/api.js';
import { followNearby } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

const HERE = { latitude: 37.97, longitude: 23.73 };
const WITHIN = { timeout: 15_000 };

let cluster: TestCluster;
let url: string;
beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] ?? '';
});
afterAll(() => cluster.close());

const admin = (...args: string[]) => runAdmin(cluster.database.url, args);

it(
  'finds an account by handle or id, and tells neither places nor secrets',
  { timeout: 60_000 },
  async () => {
    const [user] = await signUpFriends(url);
    await move(url, user, HERE);
    await act(url, user, 'createDeviceToken(name: "Phone") { secret }');
    const { stdout } = await admin('find', `@${user.handle}`, '--json');
    expect(JSON.parse(stdout)).toEqual({
      id: user.id,
      handle: user.handle,
      displayName: 'Somebody',
      createdAt: expect.stringMatching(/Z$/) as string,
      oidcIssuer: null,
      sessions: 1,
      deviceTokens: 1,
      friendships: 1,
    });
    expect((await admin('find', user.id)).stdout).toContain(user.handle);
    const { stdout: ways } = await admin('sessions', user.handle);
    expect(ways).toMatch(
      /^session \S+ {2}made \S+Z {2}used \S+Z\ndevice {2}\S+ {2}made \S+Z {2}used never {2}Phone\n$/,
    );
    expect(await admin('find', 'nobody_at_all')).toMatchObject({
      code: 1,
      stderr: 'There is no user nobody_at_all.\n',
    });
  },
);

it('signs somebody out of everything, also of what is open', { timeout: 60_000 }, async () => {
  const [user] = await signUpFriends(url);
  const { secret } = await act<{ secret: string }>(url, user, 'createDeviceToken(name: "Phone") { secret }');
  const socket = connectForTest(url, user.token);
  const closed = new Promise<unknown>((resolve) => socket.on('closed', resolve));
  const list = followNearby(socket);
  await list.next();
  expect((await admin('sign-out', user.handle)).stdout).toBe('Ended: 1 sessions, 1 device tokens.\n');
  expect(await closed).toMatchObject({ code: 4403 });
  expect(await codesOf(url, user.token, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
  const report = await fetch(`${url}/ingest/overland`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
    body: '{}',
  });
  expect(report.status).toBe(401);
});

it('deletes an account when that is meant, and friends lose it', { timeout: 60_000 }, async () => {
  const [user, friend] = await signUpFriends(url);
  await move(url, user, HERE);
  expect(await admin('delete', user.handle)).toMatchObject({
    code: 1,
    stderr: 'This cannot be undone. Say --yes to go on.\n',
  });
  expect((await admin('delete', user.handle, '--yes', '--json')).stdout).toBe(
    `${JSON.stringify({ deleted: user.handle })}\n`,
  );
  const friends = '{ friends { edges { node { id } } } }';
  await expect.poll(() => ask(url, friend.token, friends), WITHIN).toEqual({ friends: { edges: [] } });
  expect(await codesOf(url, user.token, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
});
