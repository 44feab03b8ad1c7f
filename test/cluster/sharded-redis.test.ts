import slotOf from 'cluster-key-slot';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { act, befriend, move, signUp, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import {
  startTestRedisCluster,
  type TestRedisCluster,
  type TestRedisNode,
} from '../support/redis-cluster.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const east = (meters: number) => travel(HERE, 90, meters);
const LIVE_AGAIN_MS = 5_000;
const FRIENDS = 12;

let redis: TestRedisCluster;
let cluster: TestCluster;
let viewer: TestUser;
let friends: TestUser[];
/** The viewer's list on either server. */
let lists: NearbyList[];

beforeEach(async () => {
  redis = await startTestRedisCluster();
  cluster = await startTestCluster(2, { redisClusterNodes: redis.urls });
  viewer = await signUp(server(0));
  friends = await Promise.all(Array.from({ length: FRIENDS }, () => signUp(server(0))));
  for (const friend of friends) await befriend(server(0), viewer, friend);
  await move(server(0), viewer, HERE);
  await everybodyMoves(100);
  lists = [follow(server(0), viewer), follow(server(1), viewer)];
  await everyListShows(100);
});

afterEach(async () => {
  await cluster.close();
  await redis.close();
});

const server = (index: number): string => cluster.urls[index] as string;
const slotOfUser = ({ id }: TestUser): number => slotOf(cluster.names.userChannel(id));

/** @param meters how far east the first goes; the others a metre further each. */
async function everybodyMoves(meters: number, who = friends): Promise<void> {
  await Promise.all(
    who.map(async (friend, index) => {
      const answer = await move(server(index % 2), friend, east(meters + friends.indexOf(friend)));
      expect(answer.recorded).toBe(true);
    }),
  );
}

async function everyListShows(meters: number, withinMs = LIVE_AGAIN_MS): Promise<void> {
  await Promise.all(
    lists.map((list) =>
      list.until(
        ({ entries }) =>
          friends.every(({ id }, index) => {
            const distance = entries.get(id)?.distanceMeters ?? -1;
            return Math.abs(distance - meters - index) < 0.5;
          }),
        withinMs,
      ),
    ),
  );
}

async function commandsOf(nodes: readonly Redis[]): Promise<Set<string>> {
  const stats = await Promise.all(nodes.map((node) => node.info('commandstats')));
  return new Set(
    stats.flatMap((text) => [...text.matchAll(/cmdstat_([^:]+):calls=[1-9]/g)].map(([, name = '']) => name)),
  );
}

describe('a Redis Cluster', () => {
  it('carries all, by sharded commands alone, and wins over REDIS_URL', async () => {
    await everybodyMoves(200);
    await everyListShows(200, 2_000);
    const used = await commandsOf(redis.members.map(({ commands }) => commands));
    expect([...used]).toEqual(expect.arrayContaining(['evalsha', 'spublish', 'ssubscribe', 'mget']));
    for (const plain of ['publish', 'subscribe', 'psubscribe']) expect(used).not.toContain(plain);
    const single = new Redis(cluster.redis.url);
    expect([...(await commandsOf([single]))]).not.toEqual(expect.arrayContaining(['evalsha']));
    single.disconnect();
  });

  it('whose master dies: what friends do meanwhile is seen within five seconds, and no subscription ends', async () => {
    const dying = await redis.masterOf(slotOfUser(friends[0] as TestUser));
    await dying.kill9();
    const killedAt = performance.now();
    await everybodyMoves(300);
    await everyListShows(300, LIVE_AGAIN_MS);
    expect(performance.now() - killedAt).toBeLessThan(LIVE_AGAIN_MS);
    await everybodyMoves(400);
    await everyListShows(400, 2_000);
    expect((await fetch(`${server(0)}/health/ready`)).status).toBe(200);
  });

  it('whose master dies: who is not a friend any more is not shown, though the notice could not be sent', async () => {
    const gone = friends[0] as TestUser;
    await (await redis.masterOf(slotOfUser(viewer))).kill9();
    expect(await act(server(1), viewer, `removeFriend(userId: "${gone.id}")`)).toBe(true);
    const framesBefore = lists.map(({ frames }) => frames.length);
    friends = friends.slice(1);
    await everybodyMoves(300);
    await move(server(0), gone, east(50));
    await Promise.all(lists.map((list) => list.until(({ entries }) => !entries.has(gone.id), LIVE_AGAIN_MS)));
    await everybodyMoves(400);
    await vi.waitFor(
      () => expect(lists.every(({ entries }) => entries.size === friends.length)).toBe(true),
      LIVE_AGAIN_MS,
    );
    for (const [index, list] of lists.entries()) {
      const since = list.frames.slice(framesBefore[index]).flatMap(({ nearby }) => nearby);
      expect(since.filter(({ friend }) => friend.id === gone.id)).toEqual([]);
    }
  });

  it('whose slots move, one by one, while everybody moves: lists stay right', async () => {
    const added = await redis.addMaster();
    const slots = [...new Set([viewer, ...friends].map(slotOfUser))];
    let round = 0;
    for (const slot of slots) {
      await everybodyMoves(500 + ++round);
      await redis.moveSlot(slot, added);
    }
    await everybodyMoves(900);
    await everyListShows(900);
    const topics = async () =>
      ((await added.commands.pubsub('SHARDCHANNELS')) as string[]).filter((name) => name.includes(':user:'));
    await expect.poll(topics, { timeout: 5_000 }).toHaveLength(FRIENDS + 1);
  });

  it('a slot of which moves costs the lists of friends no snapshot, and the list of the user one', async () => {
    const [first] = friends as [TestUser];
    const viewersSlot = slotOfUser(viewer);
    const target = async (slot: number): Promise<TestRedisNode> => {
      const from = await redis.masterOf(slot);
      for (const other of [0, 8_000, 16_383]) {
        const node = await redis.masterOf(other);
        if (node !== from) return node;
      }
      throw new Error('one master only');
    };
    const snapshots = () => lists.map(({ frames }) => frames.filter(({ snapshot }) => snapshot).length);
    if (slotOfUser(first) !== viewersSlot) {
      await redis.moveSlot(slotOfUser(first), await target(slotOfUser(first)));
      await everybodyMoves(600);
      await everyListShows(600);
      expect(snapshots()).toEqual([1, 1]);
    }
    await redis.moveSlot(viewersSlot, await target(viewersSlot));
    await vi.waitFor(() => expect(snapshots()).toEqual([2, 2]), LIVE_AGAIN_MS);
    await everybodyMoves(700);
    await everyListShows(700);
  });
});
