import { startTestRedis } from '../../support/redis.js';
import { startTestRedisCluster } from '../../support/redis-cluster.js';
import { topicsContract } from '../contracts/topics.js';
import { openClusterEnd, openRedisEnd } from './redis-end.js';

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

topicsContract('Redis Cluster', async () => {
  const cluster = await startTestRedisCluster({ replicas: 0 });
  const ends = [await openClusterEnd(cluster.urls), await openClusterEnd(cluster.urls)] as const;
  return {
    topics: [ends[0].topics, ends[1].topics],
    async close() {
      for (const end of ends) end.close();
      await cluster.close();
    },
  };
});
