/**
 * A replica accepts PUBLISH, and a master without the majority of its cluster SPUBLISH, and their subscribers alone hear
 * it: what is published there would be lost for everybody else.
 */
import slotOf from 'cluster-key-slot';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { createLocationStore } from '../../../src/adapters/redis/location-store.js';
import { systemClock } from '../../../src/time/clock.js';
import { createPublisher } from '../../../src/adapters/redis/publisher.js';
import { connectRedisCluster } from '../../../src/adapters/redis/redis-client.js';
import { createLogger } from '../../../src/log.js';
import { startTestRedisCluster } from '../../support/redis-cluster.js';
import { startTestRedis } from '../../support/redis.js';
import { names } from './redis-end.js';

const PATIENCE = { timeout: 10_000 };

test('a replica is not published to, neither by notifications nor by locations', async () => {
  const redis = await startTestRedis();
  const [commands, listener] = [new Redis(redis.url), new Redis(redis.url)];
  onTestFinished(async () => {
    for (const connection of [commands, listener]) connection.disconnect();
    await redis.close();
  });
  const heard: string[] = [];
  listener.on('message', (_channel, message) => void heard.push(message));
  await listener.subscribe(names.userChannel('ann'));
  const publish = createPublisher(commands, systemClock);
  const store = createLocationStore(commands, 60_000, names, systemClock);
  const update = {
    id: 'a',
    latitude: 1,
    longitude: 2,
    accuracyMeters: null,
    recordedAtMs: Date.now(),
    receivedAtMs: Date.now(),
  };

  await commands.replicaof('127.0.0.1', 1);
  await expect(publish(names.userChannel('ann'), '"lost"')).rejects.toThrow('READONLY');
  await expect(store.publish('ann', update)).rejects.toThrow('READONLY');
  await commands.replicaof('NO', 'ONE');
  await publish(names.userChannel('ann'), '"told"');
  await store.publish('ann', update);

  await expect.poll(() => heard).toHaveLength(2);
  expect(heard[0]).toBe('"told"');
  expect(heard[1]).toContain('"a"');
});

test('a master that has lost the majority of its cluster is not published to', async () => {
  const redis = await startTestRedisCluster({ replicas: 0 });
  const cluster = await connectRedisCluster(redis.urls, createLogger('silent'));
  onTestFinished(async () => {
    cluster.disconnect();
    await redis.close();
  });
  const channel = names.userChannel('ann');
  const publish = createPublisher(cluster, systemClock);
  const alone = await redis.masterOf(slotOf(channel));
  const listener = alone.commands.duplicate();
  onTestFinished(() => listener.disconnect());
  const heard: string[] = [];
  listener.on('smessage', (_channel, message) => void heard.push(message));
  await listener.ssubscribe(channel);

  for (const other of redis.members) if (other !== alone) other.signal('SIGSTOP');
  await expect.poll(() => alone.commands.cluster('INFO'), PATIENCE).toContain('cluster_state:fail');
  await expect(publish(channel, '"now"')).rejects.toThrow();
  expect(heard).toEqual([]);
  for (const other of redis.members) if (other !== alone) other.signal('SIGCONT');
  await expect.poll(() => publish(channel, '"told"').catch(() => null), PATIENCE).toBe(1);
  await expect.poll(() => heard, PATIENCE).toContain('"told"');
}, 30_000);
