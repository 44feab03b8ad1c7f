import { PubSub } from 'graphql-subscriptions';
import type { MessageChannels, Topics } from '../../services/user-topics.js';

/** Topics and inboxes within this process, for the one server that runs without Redis. */
export function createMemoryTopics(): Topics {
  const pubsub = new PubSub();
  const channels = (kind: string): MessageChannels => ({
    publish: (userId, message) => pubsub.publish(kind + userId, { userId, message }),
    subscribe: (userId, onMessage) => pubsub.subscribe(kind + userId, onMessage),
    unsubscribe: (subscriptionId) => {
      pubsub.unsubscribe(subscriptionId);
    },
  });
  return { ...channels('user:'), inboxes: channels('inbox:'), onInterrupted: () => undefined };
}
