import { expect, onTestFinished, test } from 'vitest';
import { commandOptions, connectRedis } from '../../../src/adapters/redis/redis-client.js';
import { createLogger } from '../../../src/log.js';
import { startTestRedis } from '../../support/redis.js';

const log = createLogger('silent');

test('parameters of a URL change nothing of how Redis is used', async () => {
  const redis = await startTestRedis();
  onTestFinished(() => redis.close());
  const parameters =
    'enableOfflineQueue=false&keyPrefix=theirs:&commandTimeout=5s&connectTimeout=5s&lazyConnect=false';
  const [plain, client] = await Promise.all([
    connectRedis(redis.url, commandOptions, log),
    connectRedis(`${redis.url}?${parameters}`, commandOptions, log),
  ]);
  onTestFinished(() => {
    for (const one of [plain, client]) one.disconnect();
  });
  await client.set('name', 'value');
  expect(await plain.get('name')).toBe('value');

  await redis.kill9();
  await expect.poll(() => client.status).not.toBe('ready');
  // A command fails at once while Redis is away, rather than wait in a queue for its return.
  const startedAtMs = performance.now();
  await expect(client.get('name')).rejects.toThrow();
  expect(performance.now() - startedAtMs).toBeLessThan(1_000);
});
