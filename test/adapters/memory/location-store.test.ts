import { createMemoryLocationStore } from '../../../src/adapters/memory/location-store.js';
import { createMemoryTopics } from '../../../src/adapters/memory/memory-topics.js';
import { listening } from '../contracts/listening.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { CONTRACT_TTL_MS, positionCacheContract } from '../contracts/location-store.js';

positionCacheContract('memory', async () => {
  const topics = createMemoryTopics();
  const clock = createFakeClock();
  const cache = createMemoryLocationStore(topics, CONTRACT_TTL_MS, clock);
  return {
    caches: [cache, cache],
    topics: listening(topics),
    now: () => clock.now(),
    pass: (ms) => clock.advance(ms),
    close: async () => undefined,
  };
});
