import { startTestRedis } from '../../support/redis.js';
import { topicsContract } from '../contracts/topics.js';
import { openRedisEnd } from './redis-end.js';

topicsContract('Redis', async () => {
  const redis = await startTestRedis();
  const ends = [await openRedisEnd(redis.url), await openRedisEnd(redis.url)] as const;
  return {
    topics: [ends[0].topics, ends[1].topics],
    async close() {
      for (const end of ends) end.close();
      await redis.close();
    },
  };
});
