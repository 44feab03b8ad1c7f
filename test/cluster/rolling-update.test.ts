/** During a rolling update servers of the last release and of this revision are one deployment. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { act, ask, befriend, connectForTest, metric, signUp, type TestUser } from '../support/api.js';
import { checkOut, lastRelease } from '../support/last-release.js';
import { follow, followNearby, type NearbyList } from '../support/nearby-list.js';
import { createEmptyDatabase } from '../support/postgres.js';
import { startTestRedis } from '../support/redis.js';
import { startServer } from '../support/server-program.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const near = (meters: number) => travel(HERE, 90, meters);
const SOON = { timeout: 5_000, interval: 20 };

const UPDATE = `mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { recorded } }`;
const SEND = 'mutation ($userId: ID!) { sendFriendRequest(userId: $userId) { id } }';
const REQUESTS = 'subscription { friendRequests { from { id } status } }';

/** A user's list and friend requests, over one socket: the requests are live when the list is. */
function followAll(url: string, user: TestUser): { list: NearbyList; requests: unknown[] } {
  const client = connectForTest(url, user.token);
  const requests: unknown[] = [];
  const ended = (): void => void requests.push('ended');
  client.subscribe<{ friendRequests: unknown }>(
    { query: REQUESTS },
    { next: ({ data }) => void requests.push(data?.friendRequests), error: () => undefined, complete: ended },
  );
  return { list: followNearby(client), requests };
}

test('servers of the last release and of this one show each other’s users and hear each other', async ({
  skip,
}) => {
  const revision = await lastRelease();
  if (revision === null) skip('the history of the repository is not here');
  // The old server makes the tables, and the new one changes them while the old one runs.
  const [database, redis] = [await createEmptyDatabase(), await startTestRedis()];
  onTestFinished(async () => {
    await redis.close();
    await database.drop();
  });
  const settings = { DATABASE_URL: database.url, REDIS_URL: redis.url, FRAME_INTERVAL_MS: '0' };
  const old = await startServer(settings, await checkOut(String(revision))).url;
  const [ann, bob, cid] = [await signUp(old), await signUp(old), await signUp(old)];
  for (const friend of [bob, cid]) await befriend(old, ann, friend);
  const move = (url: string, user: TestUser, meters: number, device?: string): Promise<unknown> =>
    ask(url, user.token, UPDATE, { input: { ...near(meters), ...(device && { device }) } });
  await move(old, ann, 0);
  await move(old, bob, 100, 'phone');

  const now = await startServer(settings).url;
  const both = [old, now];
  const sides = both.map((url) => followAll(url, ann));
  const lists = sides.map(({ list }) => list);
  const shows = (who: TestUser, meters: number): Promise<unknown> =>
    Promise.all(
      lists.map((list) =>
        list.until(({ entries }) => Math.abs((entries.get(who.id)?.distanceMeters ?? 0) - meters) < 0.5),
      ),
    );
  // What the other server kept, and what it publishes.
  await shows(bob, 100);
  for (const [nth, url] of [...both, ...both].entries()) {
    await move(url, bob, 200 + nth, 'phone');
    await shows(bob, 200 + nth);
    // Another device of his lies at home.
    await move(both[(nth + 1) % 2] as string, bob, 900, 'tablet');
    await move(url, cid, 300 + nth);
    await shows(cid, 300 + nth);
    await shows(bob, 200 + nth);
    // Motion, which the old server passes over.
    await ask(now, cid.token, UPDATE, {
      input: { ...near(350 + nth), speedMetersPerSecond: 2, headingDegrees: 90 },
    });
    await shows(cid, 350 + nth);
  }
  const moved = lists.flatMap(({ frames }) => frames.flatMap(({ nearby }) => nearby));
  expect(moved.filter(({ distanceMeters }) => distanceMeters > 899)).toEqual([]);
  const later = both.map((url) => follow(url, ann));
  await Promise.all(later.map((list) => list.until(({ entries }) => entries.size === 2)));

  const asking = [await signUp(old), await signUp(now)];
  for (const [index, stranger] of asking.entries()) {
    await ask(both[index] as string, stranger.token, SEND, { userId: ann.id });
    await vi.waitFor(() => {
      const requests = asking.slice(0, index + 1).map(({ id }) => ({ from: { id }, status: 'PENDING' }));
      // A notification may come twice.
      const distinct = (of: readonly unknown[]) => new Set(of.map((request) => JSON.stringify(request)));
      for (const { requests: heard } of sides) expect(distinct(heard)).toEqual(distinct(requests));
    }, SOON);
  }

  await act(now, ann, `removeFriend(userId: "${bob.id}")`);
  await act(old, ann, `removeFriend(userId: "${cid.id}")`);
  await Promise.all(lists.map((list) => list.until(({ entries }) => entries.size === 0)));
  for (const url of both) expect(await metric(url, 'nearby_drops_total{cause="unreadable message"}')).toBe(0);
  expect(await metric(now, 'nearby_drops_total{cause="unreadable record"}')).toBe(0);

  // The old server does not know that a location can be taken back: it takes the next one for that of who comes.
  await befriend(old, ann, cid);
  for (const [url, meters] of [
    [now, 400],
    [old, 500],
  ] as const) {
    await move(url, cid, meters);
    await shows(cid, meters);
    expect(await act(now, cid, 'clearLocation')).toBe(true);
    await lists[1]?.until(({ entries }) => !entries.has(cid.id));
    expect(lists[0]?.entries.has(cid.id)).toBe(true);
  }

  await act(now, ann, 'signOut');
  await Promise.all(lists.map(({ ended }) => ended));
}, 90_000);
