/** Notifications to the connections of one user, on every server, over the user's topic. */
import type { AddressedNotification, Notification } from '../domain/notification.js';
import type { NotificationSubscriber, UserTopic, UserTopics } from './user-topics.js';

/** @param onUnreadable called for a message that is no notification, which is thrown away. */
export function createNotifications(topics: UserTopics, onUnreadable = (): void => undefined) {
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
      const notification = parseNotification(message);
      if (notification === null) onUnreadable();
      // Copied, since a subscriber may leave or another come while this one is called.
      else
        for (const subscriber of [...topic.notificationSubscribers]) subscriber.onNotification(notification);
    },

    /** Rejects when one of them could not be published. */
    async publish(notifications: readonly AddressedNotification[]): Promise<void> {
      await Promise.all(
        notifications.map(({ userId, notification }) => topics.publish(userId, notification)),
      );
    },
  };
}

export type Notifications = ReturnType<typeof createNotifications>;

/** Null for what a server of another version may send. */
function parseNotification(message: unknown): Notification | null {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return null;
  const known = message.kind === 'relation' || message.kind === 'request' || message.kind === 'session-ended';
  return known ? (message as Notification) : null;
}
