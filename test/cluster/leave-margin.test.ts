/** Who is on a list leaves it only beyond radius and margin: over servers, with every and with merged changes. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { befriend, connectForTest, move, requestOverSocket, signUp, signUpFriends } from '../support/api.js';
import { eventStream } from '../support/event-stream.js';
import { listFault, nearOf, type Watched } from '../support/list-oracle.js';
import { follow, type Frame } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { randomFrom } from '../support/oracle-scene.js';
import { type Place, travel, travelExactly } from '../support/sphere.js';

const HERE = { latitude: 64.15, longitude: -21.94 };
const [RADIUS_METERS, MARGIN_METERS] = [2_000, 200];
const DEPLOYMENT_METERS = 10_000;
const SOON_MS = 5_000;
const WALKERS = 8;
const STEPS = 80;
const at = (meters: number): Place => travel(HERE, 200, meters);

describe.each([
  ['a frame for every change', 0],
  ['merged frames', 100],
])('%s', (_name, frameIntervalMs) => {
  let cluster: TestCluster;
  let here: string;
  let there: string;
  beforeAll(async () => {
    cluster = await startTestCluster(2, { frameIntervalMs, sharingMaxRadiusMeters: DEPLOYMENT_METERS });
    [here, there] = cluster.urls as [string, string];
  });
  afterAll(() => cluster.close());

  it('a friend at the edge stays, through a new snapshot, too, and leaves beyond', async () => {
    const [ann, bob] = await signUpFriends(here);
    await move(here, ann, HERE);
    await move(there, bob, at(1_990));
    const list = follow(here, ann, RADIUS_METERS, MARGIN_METERS);
    const isAt = (meters: number): Promise<void> =>
      list.until(
        ({ entries }) => Math.abs((entries.get(bob.id)?.distanceMeters ?? 0) - meters) < 0.1,
        SOON_MS,
      );
    await isAt(1_990);
    for (const meters of [2_100, 1_999, 2_199]) {
      await move(there, bob, at(meters));
      await isAt(meters);
    }
    // Whoever subscribes now has never had him on the list.
    expect((await follow(there, ann, RADIUS_METERS, MARGIN_METERS).next()).nearby).toEqual([]);

    const known = list.frames.length;
    const redis = new Redis(cluster.redis.url);
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    redis.disconnect();
    await list.until(({ frames }) => frames.slice(known).some(({ snapshot }) => snapshot));
    expect(list.frames.at(-1)).toMatchObject({ snapshot: true, nearby: [{ friend: { id: bob.id } }] });
    expect(list.frames.flatMap(({ left }) => left)).toEqual([]);

    await move(there, bob, at(2_201));
    await list.until(({ entries }) => entries.size === 0, SOON_MS);
    expect(list.frames.at(-1)?.left).toEqual([{ friendId: bob.id, reason: 'OUT_OF_RANGE' }]);
  }, 20_000);

  it('over server-sent events, and not beyond what the server allows', async () => {
    const [ann, bob] = await signUpFriends(here);
    await move(here, ann, HERE);
    await move(there, bob, at(DEPLOYMENT_METERS - 50));
    const stream = eventStream(
      there,
      ann,
      `subscription { nearbyFriends(radiusMeters: ${DEPLOYMENT_METERS - 20}, leaveMarginMeters: 5000) {
        nearby { distanceMeters } left { reason } } }`,
    ) as AsyncGenerator<{ data: { nearbyFriends: Pick<Frame, 'nearby' | 'left'> } }>;
    const next = async () => (await stream.next()).value?.data.nearbyFriends as unknown;
    expect(await next()).toMatchObject({ nearby: [{ distanceMeters: expect.closeTo(9_950, 0) as number }] });
    await move(there, bob, at(DEPLOYMENT_METERS - 10));
    expect(await next()).toMatchObject({ nearby: [{ distanceMeters: expect.closeTo(9_990, 0) as number }] });
    await move(there, bob, at(DEPLOYMENT_METERS + 10));
    expect(await next()).toEqual({ nearby: [], left: [{ reason: 'OUT_OF_RANGE' }] });
  });

  it('in random walks around the edge, where a list goes by what it had before', async () => {
    const seed = Date.now() % 100_000;
    const random = randomFrom(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
    const [beacon, ...walkers] = await Promise.all(
      Array.from({ length: 1 + WALKERS }, () => signUp(pick(cluster.urls))),
    );
    if (beacon === undefined) throw new Error('a beacon was expected');
    for (const [index, walker] of walkers.entries())
      for (const friend of [beacon, ...walkers.slice(0, index)]) await befriend(here, walker, friend);
    const places = new Map<string, Place>();
    places.set(beacon.id, (await move(here, beacon, HERE)).location);
    const subscribers = walkers.map((walker) => ({
      walker,
      list: follow(pick(cluster.urls), walker, RADIUS_METERS, MARGIN_METERS),
      onList: new Set<string>(),
    }));
    await Promise.all(subscribers.map(({ list }) => list.next()));
    const watched = ({ walker, onList }: (typeof subscribers)[number]): Watched => {
      const friends = new Map([...places].filter(([id]) => id !== walker.id));
      const [radiusMeters, leaveMarginMeters] = [RADIUS_METERS, MARGIN_METERS];
      return { origin: places.get(walker.id), friends, radiusMeters, leaveMarginMeters, onList };
    };
    let inTheMargin = 0;
    for (let step = 0; step < STEPS; step++) {
      const walker = pick(walkers);
      const to = travelExactly(HERE, random() * 360, RADIUS_METERS * (0.35 + 0.3 * random()));
      places.set(walker.id, (await move(pick(cluster.urls), walker, to)).location);
      for (const subscriber of subscribers)
        subscriber.onList = new Set(nearOf(watched(subscriber)).near.keys());
      // What a list does not show may be on its way still. The friend whom all show comes behind it.
      const { recordedAt } = (await move(here, beacon, HERE)).location;
      for (const subscriber of subscribers) {
        const { list } = subscriber;
        if (!places.has(subscriber.walker.id)) continue;
        const fault = (): string | null => listFault(watched(subscriber), list.entries.values());
        await list
          .until(({ entries }) => entries.get(beacon.id)?.location.recordedAt === recordedAt, SOON_MS)
          .then(() => list.until(() => fault() === null, SOON_MS))
          .catch(() => expect.fail(`seed ${seed}, step ${step}: ${fault()}`));
        for (const { distanceMeters } of list.entries.values())
          if (distanceMeters > RADIUS_METERS) inTheMargin += 1;
      }
    }
    expect(inTheMargin).toBeGreaterThan(20);
  }, 60_000);
});

it('is 0 to 100,000 metres', async () => {
  const cluster = await startTestCluster(1);
  const [url = ''] = cluster.urls;
  const ann = await signUp(url);
  const client = connectForTest(url, ann.token);
  const within = (margin: string): string =>
    `subscription { nearbyFriends(leaveMarginMeters: ${margin}) { snapshot } }`;
  for (const margin of ['0', '100000', '0.5'])
    expect(await requestOverSocket(client, within(margin))).toMatchObject({ data: {} });
  for (const margin of ['-1', '100000.1', '1e300']) {
    const refused = { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] };
    expect(await requestOverSocket(client, within(margin))).toMatchObject(refused);
    expect((await eventStream(url, ann, within(margin)).next()).value).toMatchObject(refused);
  }
  await cluster.close();
});
