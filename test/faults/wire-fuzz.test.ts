import { expect, it, onTestFinished } from 'vitest';
import { createTestDatabase } from '../support/postgres.js';
import { startTestRedis } from '../support/redis.js';
import { tableOf } from './scenario.js';
import { wireFuzz } from './wire-fuzz.js';

it('a fuzz of the wire disturbs nobody and leaves nothing', { timeout: 90_000 }, async () => {
  const [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  onTestFinished(async () => {
    await redis.close();
    await database.drop();
  });
  const settings = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  const figures = await wireFuzz.run({ seconds: 5, seed: 1, settings });
  expect(
    figures.filter(({ holds }) => holds === false),
    tableOf(figures),
  ).toEqual([]);
});
