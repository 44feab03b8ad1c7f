import { PubSub } from 'graphql-subscriptions';
import type { Topics } from '../../services/shared-topics.js';

/** Topics within this process, for the one server that runs without Redis. */
export function createMemoryTopics(): Topics {
  const pubsub = new PubSub();
  return {
    publish: (topic, message) => pubsub.publish(topic, message),
    async subscribe(topic, onMessage) {
      const id = await pubsub.subscribe(topic, onMessage);
      return () => {
        pubsub.unsubscribe(id);
      };
    },
  };
}
