import { createMemoryTopics } from '../../../src/adapters/memory/memory-topics.js';
import { topicsContract } from '../contracts/topics.js';

topicsContract('memory', async () => {
  const topics = createMemoryTopics();
  return { topics: [topics, topics], close: async () => undefined };
});
