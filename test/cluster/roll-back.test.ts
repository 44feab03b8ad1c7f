/** Servers of the last release run on the schema of this revision: while it is installed, and after it was taken back. */
import { expect, onTestFinished, test } from 'vitest';
import { act, ask, codesOf, move, signUp, type TestUser } from '../support/api.js';
import { checkOut, giveMigrations, lastRelease, takesNewerSchemas } from '../support/last-release.js';
import { createEmptyDatabase, createTestDatabase, runSql } from '../support/postgres.js';
import { startProgram } from '../support/program.js';
import { startTestRedis } from '../support/redis.js';
import { startServer } from '../support/server-program.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 52.52, longitude: 13.4 };
const near = (meters: number) => travel(HERE, 90, meters);

const SIGN_IN = `mutation ($handle: String!) {
  signIn(input: { handle: $handle, password: "correct horse battery" }) { accessToken }
}`;
const REFRESH =
  'mutation ($token: String!) { refreshToken(refreshToken: $token) { accessToken refreshToken } }';
const REFUSED = 'which this version does not know';

async function nearby(url: string, user: TestUser): Promise<string[]> {
  const query = '{ nearbyFriends { friend { id } } }';
  const { nearbyFriends } = await ask<{ nearbyFriends: { friend: { id: string } }[] }>(
    url,
    user.token,
    query,
  );
  return nearbyFriends.map(({ friend }) => friend.id);
}

/** Longitudes, newest first. */
async function history(url: string, user: TestUser): Promise<number[]> {
  const query = '{ locationHistory { edges { node { longitude } } } }';
  const { locationHistory } = await ask<{ locationHistory: { edges: { node: { longitude: number } }[] } }>(
    url,
    user.token,
    query,
  );
  return locationHistory.edges.map(({ node }) => node.longitude);
}

test('a server of the last release works on today’s schema beside one of today, and each of them goes on alone', async ({
  skip,
}) => {
  const revision = await lastRelease();
  if (revision === null) return skip('the history of the repository is not here');
  const [database, redis] = [await createEmptyDatabase(), await startTestRedis()];
  onTestFinished(async () => {
    await redis.close();
    await database.drop();
  });
  const settings = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  const migrated = await startProgram('src/cli/migrate.ts', [], settings).ended;
  expect(migrated).toMatchObject({ status: 0, stderr: '' });

  const release = await checkOut(revision);
  if (!takesNewerSchemas(revision)) {
    await expect(startServer(settings, release).url).rejects.toThrow(REFUSED);
    await giveMigrations(release);
  }
  const [oldServer, server] = [
    startServer(settings, release),
    startServer({ ...settings, MIGRATE: 'never' }),
  ];
  const [old, now] = [await oldServer.url, await server.url];
  const both = [old, now];

  const [ann, bob, cid] = [await signUp(old), await signUp(now), await signUp(old)];
  for (const friend of [bob, cid]) {
    const { id } = await act<{ id: string }>(old, ann, `sendFriendRequest(userId: "${friend.id}") { id }`);
    await act(now, friend, `acceptFriendRequest(requestId: "${id}") { status }`);
  }
  const places = new Map<TestUser, number[]>();
  const go = async (url: string, user: TestUser, meters: number): Promise<void> => {
    const { location } = await move(url, user, near(meters));
    places.set(user, [location.longitude, ...(places.get(user) ?? [])]);
  };
  const keepsHistory = async (urls: readonly string[]): Promise<void> => {
    for (const [user, longitudes] of places) {
      for (const url of urls) expect(await history(url, user)).toEqual(longitudes);
    }
  };
  for (const [nth, url] of both.entries()) {
    await go(url, ann, nth);
    await go(url, bob, 100 + nth);
    await go(url, cid, 200 + nth);
    for (const asked of both) {
      expect(await nearby(asked, ann)).toEqual([bob.id, cid.id]);
      expect(await nearby(asked, bob)).toEqual([ann.id]);
    }
  }
  await keepsHistory(both);
  let { refreshToken } = ann;
  for (const url of [now, old, now]) {
    const renewed = await ask<{ refreshToken: { refreshToken: string } }>(url, null, REFRESH, {
      token: refreshToken,
    });
    ({ refreshToken } = renewed.refreshToken);
  }
  for (const url of both) await ask(url, null, SIGN_IN, { handle: ann.handle });

  // What the old server may not know stands in the rows that it changes.
  const dan = await signUp(now);
  const { id } = await act<{ id: string }>(now, dan, `sendFriendRequest(userId: "${ann.id}") { id }`);
  await act(now, ann, `declineFriendRequest(requestId: "${id}") { status }`);
  await act(now, bob, `setSharingException(input: { friendId: "${ann.id}", enabled: false }) { enabled }`);
  await act(
    now,
    bob,
    'updateSharing(input: { enabled: true, maxRadiusMeters: 9000, precision: APPROXIMATE }) { enabled }',
  );
  for (const friend of [bob, cid]) {
    await act(now, ann, `setNearAlert(friendId: "${friend.id}", radiusMeters: 500) { radiusMeters }`);
    await act(now, friend, 'createDeviceToken(name: "phone") { secret }');
  }

  // Taken back.
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ status: 0 });
  await go(old, ann, 10);
  await go(old, bob, 110);
  await keepsHistory([old]);
  expect(await nearby(old, bob)).toEqual([ann.id]);
  await act(old, bob, 'updateSharing(input: { enabled: true }) { enabled }');
  await act(old, ann, `removeFriend(userId: "${cid.id}")`);
  await act(old, cid, 'deleteAccount');
  places.delete(cid);

  // And installed again.
  oldServer.child.kill('SIGTERM');
  expect(await oldServer.ended).toMatchObject({ status: 0 });
  const again = await startServer({ ...settings, MIGRATE: 'never' }).url;
  await keepsHistory([again]);
  expect(await nearby(again, bob)).toEqual([ann.id]);
  // Bob hid from her, and does again.
  expect(await nearby(again, ann)).toEqual([]);
  const { sharing } = await ask<{ sharing: unknown }>(
    again,
    bob.token,
    '{ sharing { maxRadiusMeters precision } }',
  );
  expect(sharing).toEqual({ maxRadiusMeters: 9_000, precision: 'APPROXIMATE' });
  expect(await codesOf(again, null, SIGN_IN, { handle: cid.handle })).toEqual(['UNAUTHENTICATED']);
  await ask(again, null, REFRESH, { token: refreshToken });
}, 120_000);

test('a server of this revision starts on the schema of a next one, and says so', async () => {
  const [database, redis] = [await createTestDatabase(), await startTestRedis()];
  onTestFinished(async () => {
    await redis.close();
    await database.drop();
  });
  const next = '29991231000000_mood';
  await runSql(
    database.url,
    `ALTER TABLE users ADD COLUMN mood text; CREATE TABLE moods (name text PRIMARY KEY);
     INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('next', 'x', '${next}', now())`,
  );
  const settings = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  for (const migrate of ['on-start', 'never']) {
    const server = startServer({ ...settings, MIGRATE: migrate });
    await move(await server.url, await signUp(await server.url), HERE);
    expect(server.output()).toContain(`the database has migrations of a newer version, up to ${next}`);
    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ status: 0 });
  }
}, 60_000);
