/** A replica accepts PUBLISH, and its subscribers alone hear it: what is published there would be lost for everybody else. */
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { createLocationStore } from '../../../src/adapters/redis/location-store.js';
import { systemClock } from '../../../src/time/clock.js';
import { createPublisher } from '../../../src/adapters/redis/publisher.js';
import { startTestRedis } from '../../support/redis.js';
import { names } from './redis-end.js';

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
  const publish = createPublisher(commands);
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
