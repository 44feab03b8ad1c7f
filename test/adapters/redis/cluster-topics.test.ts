import { setTimeout as wait } from 'node:timers/promises';
import slotOf from 'cluster-key-slot';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PARTITIONS, partitionOf } from '../../../src/adapters/redis/partitions.js';
import { createLocationStore } from '../../../src/adapters/redis/location-store.js';
import { checkRedisCluster } from '../../../src/adapters/redis/redis-check.js';
import { systemClock } from '../../../src/time/clock.js';
import { startTestRedis } from '../../support/redis.js';
import {
  startTestRedisCluster,
  type TestRedisCluster,
  type TestRedisNode,
} from '../../support/redis-cluster.js';
import { type ClusterEnd, names, openClusterEnd } from './redis-end.js';

const LIVE_AGAIN_MS = 5_000;
const { locationKey, userChannel } = names;

let cluster: TestRedisCluster;
let end: ClusterEnd;
let interruptions: { users: ReadonlySet<string>; restored: boolean }[];

beforeEach(async () => {
  cluster = await startTestRedisCluster();
  end = await openClusterEnd(cluster.urls);
  interruptions = [];
  end.topics.onInterrupted(({ users, restored }) => {
    const interruption = { users, restored: false };
    interruptions.push(interruption);
    void restored.then(() => (interruption.restored = true));
  });
});
afterEach(async () => {
  end.close();
  await cluster.close();
});

const userIds = (count: number): string[] => Array.from({ length: count }, (_, index) => `user-${index}`);
const slotOfUser = (userId: string): number => slotOf(userChannel(userId));
const isSettled = (): boolean => interruptions.length > 0 && interruptions.every(({ restored }) => restored);

/** How often the nodes were given a command. */
async function calls(command: string, nodes: readonly TestRedisNode[] = cluster.members): Promise<number> {
  const stats = await Promise.all(nodes.map(({ commands }) => commands.info('commandstats')));
  const counts = stats.map((text) => new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(text)?.[1] ?? 0);
  return counts.reduce<number>((sum, count) => sum + Number(count), 0);
}

/** Subscribes users' topics; `hears` publishes to each and waits until all of it has come. */
async function subscribe(users: readonly string[]) {
  const heard = new Map<string, unknown[]>(users.map((userId) => [userId, []]));
  await Promise.all(
    users.map((userId) => end.topics.subscribe(userId, ({ message }) => heard.get(userId)?.push(message))),
  );
  let round = 0;
  return async function hears(): Promise<void> {
    const message = `round ${++round}`;
    await Promise.all(users.map((userId) => end.topics.publish(userId, message)));
    await expect
      .poll(() => users.filter((userId) => heard.get(userId)?.at(-1) !== message), { interval: 5 })
      .toEqual([]);
  };
}

async function channels(): Promise<number> {
  const lists = await Promise.all(
    cluster.members.map(({ commands }) => commands.pubsub('SHARDCHANNELS').catch(() => [])),
  );
  return lists.flat().length;
}

const masters = async (): Promise<TestRedisNode[]> =>
  Promise.all([0, 8_000, 16_383].map((slot) => cluster.masterOf(slot)));

describe('names', () => {
  test('of one user lie in one slot, and partitions are spread evenly over the slots', () => {
    for (const userId of userIds(1_000)) {
      expect(slotOf(locationKey(userId))).toBe(slotOfUser(userId));
      expect(partitionOf(userChannel(userId))).toBe(partitionOf(userId));
    }
    const slots = new Set(userIds(20_000).map(slotOfUser));
    expect(slots.size).toBe(PARTITIONS);
    for (const shards of [3, 6, 10, 50, 100]) {
      const counts = new Array<number>(shards).fill(0);
      for (const slot of slots) {
        const shard = Math.floor((slot * shards) / 16_384);
        counts[shard] = (counts[shard] ?? 0) + 1;
      }
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });
});

describe('twenty thousand topics', () => {
  test('are joined, live again after the loss of a connection, and left in a command for each partition', async () => {
    const users = userIds(20_000);
    const heard: unknown[] = [];
    const ids = await Promise.all(
      users.map((userId) => end.topics.subscribe(userId, ({ message }) => heard.push(message))),
    );
    expect(await channels()).toBe(20_000);
    expect(await calls('ssubscribe')).toBeLessThanOrEqual(PARTITIONS);
    const [first] = await masters();
    const before = await calls('ssubscribe');
    await first?.commands.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await expect.poll(isSettled, { timeout: LIVE_AGAIN_MS }).toBe(true);
    expect(await channels()).toBe(20_000);
    expect((await calls('ssubscribe')) - before).toBeLessThanOrEqual(PARTITIONS / 3 + 1);
    expect(interruptions).toHaveLength(1);
    const affected = users.filter((userId) => interruptions[0]?.users.has(userId)).length;
    expect(affected).toBeGreaterThan(6_000);
    expect(affected).toBeLessThan(7_500);
    for (const id of ids) end.topics.unsubscribe(id);
    await expect.poll(channels).toBe(0);
    expect(await calls('sunsubscribe')).toBeLessThanOrEqual(PARTITIONS);
    for (const plain of ['subscribe', 'psubscribe', 'publish', 'unsubscribe', 'punsubscribe']) {
      expect(await calls(plain)).toBe(0);
    }
  });
});

test('the locations of twenty thousand users are read in a command for each partition', async () => {
  const cache = createLocationStore(end.commands, 60_000, names, systemClock);
  expect(await cache.newest(userIds(20_000))).toHaveLength(20_000);
  expect(await calls('mget')).toBeLessThanOrEqual(PARTITIONS);
});

describe('live again within five seconds, nothing else interrupted', () => {
  test('a slot that moves', async () => {
    const users = userIds(2_000);
    const hears = await subscribe(users);
    await hears();
    const [mover = ''] = users;
    const to = (await masters()).find((node) => node.port !== undefined) as TestRedisNode;
    const from = await cluster.masterOf(slotOfUser(mover));
    const target = from === to ? ((await masters())[1] as TestRedisNode) : to;
    await cluster.moveSlot(slotOfUser(mover), target);
    await expect.poll(isSettled, { timeout: LIVE_AGAIN_MS }).toBe(true);
    await hears();
    for (const userId of users) {
      expect(interruptions.some((interruption) => interruption.users.has(userId))).toBe(
        partitionOf(userId) === partitionOf(mover),
      );
    }
    expect(await channels()).toBe(2_000);
  });

  test('many slots that move one after the other to a new master', async () => {
    const users = userIds(2_000);
    const hears = await subscribe(users);
    const added = await cluster.addMaster();
    const slots = [...new Set(users.map(slotOfUser))].sort((a, b) => a - b).slice(0, 40);
    for (const slot of slots) await cluster.moveSlot(slot, added);
    await expect
      .poll(async () => (await added.commands.pubsub('SHARDCHANNELS')).length, { timeout: LIVE_AGAIN_MS })
      .toBe(users.filter((userId) => slots.includes(slotOfUser(userId))).length);
    await expect.poll(isSettled, { timeout: LIVE_AGAIN_MS }).toBe(true);
    await hears();
    expect(await channels()).toBe(2_000);
  });

  test('a master that dies and is followed by its replica', async () => {
    const users = userIds(2_000);
    const hears = await subscribe(users);
    const dying = await cluster.masterOf(0);
    const affected = users.filter((userId) => slotOfUser(userId) < 5_461);
    const killedAt = performance.now();
    await dying.kill9();
    await expect.poll(() => interruptions.length).toBe(1);
    await expect.poll(isSettled, { timeout: LIVE_AGAIN_MS }).toBe(true);
    expect(performance.now() - killedAt).toBeLessThan(LIVE_AGAIN_MS);
    await hears();
    expect(users.filter((userId) => interruptions[0]?.users.has(userId))).toEqual(affected);
    expect(interruptions).toHaveLength(1);
  });

  test('a master that gives way to its replica by command', async () => {
    const users = userIds(500);
    const hears = await subscribe(users);
    const before = await cluster.masterOf(0);
    const replicas = cluster.members.slice(3);
    for (const { commands } of replicas) {
      const role = (await commands.role()) as [string, string, number];
      if (role[2] === before.port) await commands.cluster('FAILOVER');
    }
    await expect.poll(async () => (await cluster.masterOf(0)).port).not.toBe(before.port);
    await wait(1_000);
    await expect.poll(() => interruptions.every(({ restored }) => restored)).toBe(true);
    await hears();
    await before.kill9();
    await expect
      .poll(() => interruptions.every(({ restored }) => restored), { timeout: LIVE_AGAIN_MS })
      .toBe(true);
    await hears();
  });
});

test('a master that hangs is given up, and its replica heard instead', async () => {
  const hears = await subscribe(userIds(500));
  const hanging = await cluster.masterOf(0);
  hanging.signal('SIGSTOP');
  await expect.poll(() => interruptions.length, { timeout: 8_000 }).toBeGreaterThan(0);
  await expect.poll(isSettled, { timeout: LIVE_AGAIN_MS }).toBe(true);
  await hears();
  hanging.signal('SIGCONT');
  await wait(500);
  await hears();
});

test('closing tells of no interruption', async () => {
  await subscribe(userIds(100));
  end.topics.close();
  await expect.poll(channels).toBe(0);
  expect(interruptions).toEqual([]);
});

describe('a start is refused in one line', () => {
  const refusal = (...urls: string[]): Promise<unknown> =>
    checkRedisCluster(
      urls.map((url) => new URL(url)),
      names,
    ).catch((error: unknown) => error);

  test('where nothing listens, and by a Redis that is no cluster', async () => {
    expect(await refusal('redis://127.0.0.1:1')).toMatchObject({
      message: 'REDIS_CLUSTER_NODES: nothing listens at 127.0.0.1:1.',
    });
    const single = await startTestRedis();
    const { host } = new URL(single.url);
    expect(await refusal(single.url)).toMatchObject({
      message: `REDIS_CLUSTER_NODES: Redis at ${host} is no cluster.`,
    });
    expect(await refusal(`redis://${host}`)).toMatchObject({
      message: `REDIS_CLUSTER_NODES: Redis at ${host} refuses the user or the password.`,
    });
    await single.close();
  });
});
