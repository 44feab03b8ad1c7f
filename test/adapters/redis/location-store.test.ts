import { setTimeout as wait } from 'node:timers/promises';
import { createLocationStore } from '../../../src/adapters/redis/location-store.js';
import { systemClock } from '../../../src/time/clock.js';
import { anyBytes } from './any-bytes.js';
import { CONTRACT_TTL_MS, positionCacheContract } from '../contracts/location-store.js';
import { names, openRedisEnd } from './redis-end.js';
import { startTestRedis } from '../../support/redis.js';

positionCacheContract('Redis', async () => {
  const redis = await startTestRedis();
  const ends = [await openRedisEnd(redis.url), await openRedisEnd(redis.url)] as const;
  return {
    caches: [
      createLocationStore(ends[0].commands, CONTRACT_TTL_MS, names, systemClock),
      createLocationStore(ends[1].commands, CONTRACT_TTL_MS, names, systemClock),
    ],
    topics: ends[0].topics,
    now: () => Date.now(),
    pass: (ms) => wait(ms),
    async close() {
      for (const end of ends) end.close();
      await redis.close();
    },
  };
});

anyBytes(async () => {
  const redis = await startTestRedis();
  const end = await openRedisEnd(redis.url);
  return {
    commands: end.commands,
    close: () => {
      end.close();
      return redis.close();
    },
  };
});
