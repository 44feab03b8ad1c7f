import { setTimeout as wait } from 'node:timers/promises';
import slotOf from 'cluster-key-slot';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { createClusterSubscriber } from '../../../src/adapters/redis/cluster-subscriber.js';
import { startDeliveryLease } from '../../../src/adapters/redis/delivery-lease.js';
import { createPublisher } from '../../../src/adapters/redis/publisher.js';
import {
  commandOptions,
  connectRedis,
  connectRedisCluster,
  subscriberOptions,
} from '../../../src/adapters/redis/redis-client.js';
import { createRedisSubscriber } from '../../../src/adapters/redis/redis-subscriber.js';
import { HEARTBEAT_MS, LEASE_MS } from '../../../src/domain/delivery-times.js';
import { createLogger } from '../../../src/log.js';
import type { DeliveryLease } from '../../../src/services/user-topics.js';
import { systemClock } from '../../../src/time/clock.js';
import { startTestRedis, type TestRedis } from '../../support/redis.js';
import { startTestRedisCluster } from '../../support/redis-cluster.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import { names } from './redis-end.js';

const log = createLogger('silent');
/** How long a machine under load may take beyond what the constants say. */
const SLACK_MS = 250;
let lapses = 0;
let renewals = 0;

function count(lease: DeliveryLease & { close(): void }): DeliveryLease {
  [lapses, renewals] = [0, 0];
  lease.onRenewed(() => renewals++);
  onTestFinished(() => lease.close());
  return lease;
}

async function leaseOn(commandsUrl: string, subscriberUrl = commandsUrl): Promise<DeliveryLease> {
  const commands = await connectRedis(commandsUrl, commandOptions, log);
  const connection = await connectRedis(subscriberUrl, subscriberOptions, log);
  const subscriber = createRedisSubscriber(connection, systemClock);
  onTestFinished(() => {
    subscriber.close();
    commands.disconnect();
  });
  const publish = createPublisher(commands, systemClock);
  return count(startDeliveryLease(subscriber, publish, names, systemClock, () => lapses++));
}

const held = (lease: DeliveryLease, isHeld: boolean, timeout: number, userId = 'ann') =>
  expect.poll(() => lease.isHeld(userId), { timeout, interval: 2 }).toBe(isHeld);

describe('on one Redis', () => {
  let redis: TestRedis;
  afterEach(() => redis.close());

  test('it is held soon, and as long as heartbeats arrive', async () => {
    redis = await startTestRedis();
    const lease = await leaseOn(redis.url);
    await held(lease, true, 2 * HEARTBEAT_MS);
    const untilMs = performance.now() + 2 * LEASE_MS;
    while (performance.now() < untilMs) {
      expect(lease.isHeld('ann')).toBe(true);
      await wait(5);
    }
    expect([lapses, renewals]).toEqual([0, 1]);
  });

  test.each(['answers', 'requests', 'all'] as const)(
    'it runs out in time when a connection swallows %s, of the subscriber or of the commands, and comes back',
    async (what) => {
      redis = await startTestRedis();
      for (const isSubscriber of [true, false]) {
        const proxy = await startTcpProxy(redis.port);
        onTestFinished(() => proxy.close());
        const behind = redis.url.replace(`:${redis.port}`, `:${proxy.port}`);
        const lease = isSubscriber ? await leaseOn(redis.url, behind) : await leaseOn(behind, redis.url);
        await held(lease, true, 2 * HEARTBEAT_MS);
        await wait(Math.random() * HEARTBEAT_MS);
        proxy.swallows = what;
        // Neither needs the answers: to SUBSCRIBE, which was given before, or to PUBLISH.
        if (what === (isSubscriber ? 'requests' : 'answers')) {
          await wait(LEASE_MS + SLACK_MS);
          expect(lease.isHeld('ann')).toBe(true);
        } else await held(lease, false, LEASE_MS + SLACK_MS);
        proxy.heal();
        await held(lease, true, 5_000);
      }
    },
    20_000,
  );

  test('a Redis that hangs for two seconds makes it run out, and it is told that it comes back', async () => {
    redis = await startTestRedis();
    const lease = await leaseOn(redis.url);
    await held(lease, true, 2 * HEARTBEAT_MS);
    redis.signal('SIGSTOP');
    await held(lease, false, LEASE_MS + SLACK_MS);
    await wait(2 * HEARTBEAT_MS + SLACK_MS);
    redis.signal('SIGCONT');
    await held(lease, true, 5_000);
    expect(lapses).toBe(1);
    expect(renewals).toBe(2);
  });

  test('a replica does not prove anything', async () => {
    redis = await startTestRedis();
    const master = await startTestRedis();
    onTestFinished(() => master.close());
    const lease = await leaseOn(redis.url);
    await held(lease, true, 2 * HEARTBEAT_MS);
    const admin = await connectRedis(redis.url, commandOptions, log);
    onTestFinished(() => admin.disconnect());
    await admin.replicaof('127.0.0.1', master.port);
    await held(lease, false, LEASE_MS + SLACK_MS);
  });

  test('what others write into its channel does not extend it', async () => {
    redis = await startTestRedis();
    const lease = await leaseOn(redis.url);
    await held(lease, true, 2 * HEARTBEAT_MS);
    const admin = await connectRedis(redis.url, commandOptions, log);
    onTestFinished(() => admin.disconnect());
    const [channel = ''] = (await admin.pubsub('CHANNELS', '*heartbeat*')) as string[];
    for (const message of ['', 'x', 'Infinity', '1e300'])
      expect(await admin.publish(channel, message)).toBe(1);
    redis.signal('SIGSTOP');
    await held(lease, false, LEASE_MS + SLACK_MS);
    redis.signal('SIGCONT');
  });
});

async function openCluster() {
  const redis = await startTestRedisCluster({ replicas: 0 });
  const cluster = await connectRedisCluster(redis.urls, log);
  const subscriber = createClusterSubscriber(cluster, log, systemClock);
  onTestFinished(async () => {
    subscriber.close();
    cluster.disconnect();
    await redis.close();
  });
  const publish = createPublisher(cluster, systemClock);
  const startLease = (): DeliveryLease =>
    count(startDeliveryLease(subscriber, publish, names, systemClock, () => lapses++));
  return { redis, subscriber, startLease };
}

test('on a Redis Cluster it concerns the users of one master', async () => {
  const { redis, subscriber, startLease } = await openCluster();
  const users = Array.from({ length: 30 }, (_, nth) => `user ${nth}`);
  for (const user of users) await subscriber.subscribe([names.userChannel(user)]);
  const lease = startLease();
  for (const user of users) await held(lease, true, 2_000, user);
  expect(renewals).toBe(3);
  const silent = await redis.masterOf(0);
  const isSilent = async (user: string): Promise<boolean> =>
    (await redis.masterOf(slotOf(names.userChannel(user)))) === silent;
  const concerned = await Promise.all(users.map(isSilent));
  silent.signal('SIGSTOP');
  onTestFinished(() => silent.signal('SIGCONT'));
  await wait(LEASE_MS + SLACK_MS);
  expect(users.map((user) => lease.isHeld(user))).toEqual(concerned.map((isConcerned) => !isConcerned));
}, 20_000);

test('a master that has lost the majority of its Redis Cluster does not prove anything', async () => {
  const { redis, subscriber, startLease } = await openCluster();
  const alone = await redis.masterOf(slotOf(names.userChannel('ann')));
  await subscriber.subscribe([names.userChannel('ann')]);
  const lease = startLease();
  await held(lease, true, 2_000);
  for (const other of redis.members) if (other !== alone) other.signal('SIGSTOP');
  await expect.poll(() => alone.commands.cluster('INFO'), { timeout: 5_000 }).toContain('cluster_state:fail');
  await held(lease, false, LEASE_MS + SLACK_MS);
  for (const other of redis.members) if (other !== alone) other.signal('SIGCONT');
  await held(lease, true, 10_000);
}, 20_000);
