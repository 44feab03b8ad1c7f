import { PubSub } from 'graphql-subscriptions';
import type { Topics } from '../../services/user-topics.js';

/** Topics within this process, for the one server that runs without Redis. */
export function createMemoryTopics(): Topics {
  const pubsub = new PubSub();
  return {
    publish: (userId, message) => pubsub.publish(userId, message),
    subscribe: (userId, onMessage) => pubsub.subscribe(userId, onMessage),
    unsubscribe: (subscriptionId) => {
      pubsub.unsubscribe(subscriptionId);
    },
    onInterrupted: () => undefined,
  };
}
