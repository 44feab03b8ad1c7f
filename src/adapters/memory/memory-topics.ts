import { PubSub } from 'graphql-subscriptions';
import type { MessageChannels, Topics, UserMessage } from '../../services/user-topics.js';

/** Topics and inboxes within this process, for the one server that runs without Redis. */
export function createMemoryTopics(): Topics {
  const pubsub = new PubSub();
  const channels = (kind: string): MessageChannels => {
    const subscribed = new Set<string>();
    return {
      publish: (userId, message) => pubsub.publish(kind, { userId, message }),
      onMessage: (listener) =>
        void pubsub.subscribe(kind, (message: UserMessage) => {
          if (subscribed.has(message.userId)) listener(message);
        }),
      subscribe: (userId) => {
        subscribed.add(userId);
        return Promise.resolve();
      },
      unsubscribe: (userId) => {
        subscribed.delete(userId);
      },
    };
  };
  return { ...channels('user'), inboxes: channels('inbox'), onInterrupted: () => undefined };
}
