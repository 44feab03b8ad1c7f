import { PubSub } from 'graphql-subscriptions';
import type { Topics } from '../../services/shared-topics.js';

/** Topics within this process, for the one server that runs without Redis. */
export function createMemoryTopics(): Topics {
  const pubsub = new PubSub();
  return {
    publish: (topic, message) => pubsub.publish(topic, message),
    subscribe: (topic, onMessage) => pubsub.subscribe(topic, onMessage),
    unsubscribe: (subscriptionId) => {
      pubsub.unsubscribe(subscriptionId);
    },
  };
}
