/** Notifications to the connections of one user, on every server, over the user's topic. */
import {
  type AddressedNotification,
  fromMessage,
  type Notification,
  toMessage,
} from '../domain/notification.js';
import type { NotificationSubscriber, UserTopic, UserTopics } from './user-topics.js';

/** @param onUnreadable called for a message that is no notification, which is thrown away. */
export function createNotifications(topics: UserTopics, onUnreadable = (): void => undefined) {
  function deliver(topic: UserTopic, notification: Notification): void {
    // Copied, since a subscriber may leave or another come while this one is called.
    topics.tell([...topic.notificationSubscribers], (subscriber) => {
      subscriber.onNotification(notification);
    });
  }

  return {
    /** Resolves when the subscriber will get every notification published from then on. */
    async subscribe(userId: string, subscriber: NotificationSubscriber): Promise<void> {
      await topics.subscribeNotifications(userId, subscriber).subscribed;
    },

    unsubscribe(userId: string, subscriber: NotificationSubscriber): void {
      topics.unsubscribeNotifications(userId, subscriber);
    },

    /** Takes a message of a user's topic. */
    receive(topic: UserTopic, message: unknown): void {
      const notification = fromMessage(message);
      if (notification === null) onUnreadable();
      else deliver(topic, notification);
    },

    deliver,

    /** Rejects when one of them could not be published. */
    async publish(notifications: readonly AddressedNotification[]): Promise<void> {
      await Promise.all(
        notifications.map(({ userId, notification }) => topics.publish(userId, toMessage(notification))),
      );
    },
  };
}

export type Notifications = ReturnType<typeof createNotifications>;
