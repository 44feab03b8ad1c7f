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
  /** Tells the user's connections on this server. Copied, since one may leave or come while another is called. */
  function tell(topic: UserTopic, notification: Notification): void {
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
      else tell(topic, notification);
    },

    /** Tells the user's connections on this server alone. */
    tellOwn({ userId, notification }: AddressedNotification): void {
      const topic = topics.get(userId);
      if (topic !== undefined) tell(topic, notification);
    },

    tell,

    /** Rejects when one of them could not be published. */
    async publish(notifications: readonly AddressedNotification[]): Promise<void> {
      await Promise.all(
        notifications.map(({ userId, notification }) => topics.publish(userId, toMessage(notification))),
      );
    },
  };
}

export type Notifications = ReturnType<typeof createNotifications>;
