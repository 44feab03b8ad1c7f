/** A master without a replica hangs, or dies and comes back empty: answers come in time, lists are live again after it. */
import { setTimeout as wait } from 'node:timers/promises';
import slotOf from 'cluster-key-slot';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { act, befriend, move, request, signUp, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import {
  startTestRedisCluster,
  type TestRedisCluster,
  type TestRedisNode,
} from '../support/redis-cluster.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 59.33, longitude: 18.07 };
const near = (meters: number) => travel(HERE, 90, meters);
const ANSWER_MS = 3_000;
const LIVE_AGAIN_MS = 5_000;
const PAUSE_MS = 50;
const DEAF_MS = 6_000;
const DEAD_MS = 3_000;

let redis: TestRedisCluster;
let cluster: TestCluster;
let ann: TestUser;
let bob: TestUser;
/** Bob's. */
let master: TestRedisNode;
let lists: NearbyList[];

beforeEach(async () => {
  redis = await startTestRedisCluster({ replicas: 0 });
  cluster = await startTestCluster(2, { redisClusterNodes: redis.urls });
  const slotOfUser = ({ id }: TestUser): number => slotOf(cluster.names.userChannel(id));
  ann = await signUp(server(0));
  // Somebody whose shard is another one than Ann's, so that her lists go on meanwhile.
  do bob = await signUp(server(0));
  while ((await redis.masterOf(slotOfUser(bob))) === (await redis.masterOf(slotOfUser(ann))));
  master = await redis.masterOf(slotOfUser(bob));
  await befriend(server(0), ann, bob);
  await Promise.all([move(server(0), ann, HERE), move(server(1), bob, near(100))]);
  lists = [follow(server(0), ann), follow(server(1), ann)];
  await showsAt(100);
});
afterEach(async () => {
  await cluster.close();
  await redis.close();
});

const server = (index: number): string => cluster.urls[index] as string;

async function showsAt(meters: number, withinMs = LIVE_AGAIN_MS): Promise<void> {
  await Promise.all(
    lists.map((list) =>
      list.until(
        ({ entries }) => Math.abs((entries.get(bob.id)?.distanceMeters ?? 0) - meters) < 0.5,
        withinMs,
      ),
    ),
  );
}

/** How long an answer takes, milliseconds. */
async function timed(answer: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await answer;
  return performance.now() - startedAt;
}

/** All that needs the shard, again and again: the longest answer. */
async function longestAnswer(forMs: number): Promise<number> {
  const untilMs = performance.now() + forMs;
  const longest: number[] = [];
  const repeat = async (ask: (nth: number) => Promise<unknown>): Promise<void> => {
    for (let nth = 0; performance.now() < untilMs; nth++) {
      longest.push(await timed(ask(nth)));
      await wait(PAUSE_MS);
    }
  };
  const NEARBY = '{ nearbyFriends { friend { id } } }';
  await Promise.all([
    ...[0, 1].map((index) =>
      repeat(async (nth) => {
        expect(await move(server(index), bob, near(200 + nth))).toMatchObject({ recorded: true });
      }),
    ),
    repeat(() => request(server(0), bob.token, NEARBY)),
    // It tells Bob, who is her friend.
    repeat(() => act(server(1), ann, 'updateSharing(input: { enabled: true }) { enabled }')),
  ]);
  return Math.max(...longest);
}

test('a master is deaf, then it dies and comes back empty', async ({ annotate }) => {
  master.signal('SIGSTOP');
  const whileDeaf = await longestAnswer(DEAF_MS);
  master.signal('SIGCONT');
  await move(server(1), bob, near(50));
  await showsAt(50);

  await master.kill9();
  const whileDead = await longestAnswer(DEAD_MS);
  await master.restart();
  await move(server(1), bob, near(60));
  await showsAt(60);

  await annotate(`longest answers: ${Math.round(whileDeaf)} ms, ${Math.round(whileDead)} ms`);
  expect(Math.max(whileDeaf, whileDead)).toBeLessThan(ANSWER_MS);
}, 60_000);
