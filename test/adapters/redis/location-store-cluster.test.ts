import { setTimeout as wait } from 'node:timers/promises';
import { createLocationStore } from '../../../src/adapters/redis/location-store.js';
import { startTestRedisCluster } from '../../support/redis-cluster.js';
import { systemClock } from '../../../src/time/clock.js';
import { anyBytes } from './any-bytes.js';
import { CONTRACT_TTL_MS, positionCacheContract } from '../contracts/location-store.js';
import { names, openClusterEnd } from './redis-end.js';

positionCacheContract('Redis Cluster', async () => {
  const cluster = await startTestRedisCluster({ replicas: 0 });
  const ends = [await openClusterEnd(cluster.urls), await openClusterEnd(cluster.urls)] as const;
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
      await cluster.close();
    },
  };
});

anyBytes(async () => {
  const cluster = await startTestRedisCluster({ replicas: 0 });
  const end = await openClusterEnd(cluster.urls);
  return {
    commands: end.commands,
    close: () => {
      end.close();
      return cluster.close();
    },
  };
});
