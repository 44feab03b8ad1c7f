/** Users who move and fall out, each with an open list, and what the lists have to hold by brute force. */
import pg from 'pg';
import { expect } from 'vitest';
import { act, ask, befriend, connectForTest, move, signUp, type TestUser } from './api.js';
import type { TestCluster } from './nodes.js';
import { listFault, toldFault } from './list-oracle.js';
import { type Frame, follow, followNearby, type NearbyEntry, type NearbyList } from './nearby-list.js';
import type { Place } from './sphere.js';

const TIMEOUT_MS = 5_000;

interface Subscriber {
  readonly user: number;
  readonly radiusMeters: number | undefined;
  readonly list: NearbyList;
}

/** Numbers from 0 to 1 that are the same for a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Hundreds at a time, which by requests would take longer than the scene itself. */
async function writeFriendships(databaseUrl: string, rows: readonly (readonly string[])[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    'INSERT INTO friendships (user_id, friend_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])',
    [rows.map(([userId]) => userId), rows.map(([, friendId]) => friendId)],
  );
  await client.end();
}

/** Users with random friendships (a third of all pairs), and for each a list on either server, radii going round. */
export async function oracleScene(
  { urls, database }: TestCluster,
  count: number,
  random: () => number,
  radii: readonly (number | undefined)[],
) {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const users: TestUser[] = await Promise.all(Array.from({ length: count }, () => signUp(pick(urls))));
  const places = new Map<number, Place>();
  const paused = new Set<number>();
  const friendships = new Set<string>();
  const pairOf = (a: number, b: number): string => `${Math.min(a, b)} ${Math.max(a, b)}`;
  const user = (index: number): TestUser => users[index] as TestUser;

  const pairs: [number, number][] = [];
  for (let a = 0; a < count; a++) for (let b = 0; b < a; b++) if (random() < 1 / 3) pairs.push([a, b]);
  await writeFriendships(
    database.url,
    pairs.flatMap(([a, b]) => [
      [user(a).id, user(b).id],
      [user(b).id, user(a).id],
    ]),
  );
  for (const [a, b] of pairs) friendships.add(pairOf(a, b));

  const subscribers: Subscriber[] = users.map((one, index) => {
    const radiusMeters = radii[index % radii.length];
    return { user: index, radiusMeters, list: follow(pick(urls), one, radiusMeters) };
  });
  await Promise.all(subscribers.map(({ list }) => list.next()));

  /** Null, or what is wrong with a list. */
  function fault({ user: viewer, radiusMeters }: Subscriber, entries: Iterable<NearbyEntry>): string | null {
    const friends = new Map<string, Place>();
    for (const [friend, at] of places) {
      if (friendships.has(pairOf(viewer, friend)) && !paused.has(friend)) friends.set(user(friend).id, at);
    }
    return listFault({ origin: places.get(viewer), friends, radiusMeters }, entries);
  }

  return {
    users,

    /** Each through a random server, all at once. */
    async moveAll(moves: readonly (readonly [number, Place])[]): Promise<void> {
      await Promise.all(
        moves.map(async ([index, to]) => {
          const { location } = await move(pick(urls), user(index), to);
          expect(toldFault(to, location)).toBeNull();
          places.set(index, location);
        }),
      );
    },

    /** A friendship begins or ends, or somebody pauses, resumes or takes the location back, through a random server. */
    async changeSomething(): Promise<void> {
      const [a, url, kind] = [Math.floor(random() * count), pick(urls), random()];
      if (kind < 0.2) {
        expect(await act(url, user(a), 'clearLocation')).toBe(places.delete(a));
        return;
      }
      if (kind < 0.5) {
        const enabled = paused.has(a);
        await act(url, user(a), `updateSharing(input: { enabled: ${enabled} }) { enabled }`);
        if (enabled) paused.delete(a);
        else paused.add(a);
        return;
      }
      const b = (a + 1 + Math.floor(random() * (count - 1))) % count;
      if (friendships.delete(pairOf(a, b))) await act(url, user(a), `removeFriend(userId: "${user(b).id}")`);
      else {
        await befriend(url, user(a), user(b));
        friendships.add(pairOf(a, b));
      }
    },

    /** Waits until every list equals the computation; returns how many entries the lists hold. */
    async expectAllEqual(when: string): Promise<number> {
      for (const subscriber of subscribers) {
        const { list } = subscriber;
        await list
          .until(({ entries }) => fault(subscriber, entries.values()) === null, TIMEOUT_MS)
          .catch(() => {
            expect.fail(`${when}: list of ${subscriber.user}: ${fault(subscriber, list.entries.values())}`);
          });
      }
      return subscribers.reduce((sum, { list }) => sum + list.entries.size, 0);
    },

    /** New subscriptions and the query say the same, on whatever server. */
    async expectFreshEqual(when: string): Promise<void> {
      await Promise.all(
        subscribers.map(async (subscriber) => {
          const { radiusMeters, list } = subscriber;
          const { id, token } = user(subscriber.user);
          const url = pick(urls);
          const frame: Frame = await followNearby(connectForTest(url, token), radiusMeters).next();
          const { nearbyFriends } = await ask<{ nearbyFriends: NearbyEntry[] }>(
            pick(urls),
            token,
            `query ($radius: Float) { nearbyFriends(radiusMeters: $radius) {
              friend { id handle displayName } distanceMeters updatedAt location { latitude longitude recordedAt } } }`,
            { radius: radiusMeters },
          );
          expect(nearbyFriends, `${when}: ${id}`).toEqual(frame.nearby);
          expect(fault(subscriber, frame.nearby), `${when}: ${id}`).toBeNull();
          expect(fault(subscriber, list.entries.values()), `${when}: ${id}`).toBeNull();
        }),
      );
    },
  };
}
