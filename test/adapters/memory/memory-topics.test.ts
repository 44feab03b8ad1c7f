import { createMemoryTopics } from '../../../src/adapters/memory/memory-topics.js';
import { listening } from '../contracts/listening.js';
import { topicsContract } from '../contracts/topics.js';

topicsContract('memory', async () => {
  const topics = listening(createMemoryTopics());
  return { topics: [topics, topics], close: async () => undefined };
});
