/** Notices to the connections of one user, on every server, over the user's topic. */
import type { AddressedNotice, Notice } from '../domain/notice.js';
import type { NoticeSubscriber, UserTopic, UserTopics } from './user-topics.js';

/** @param onUnreadable called for a message that is no notice, which is thrown away. */
export function createNotifications(topics: UserTopics, onUnreadable = (): void => undefined) {
  return {
    /** Resolves when the subscriber will get every notice published from then on. */
    async subscribe(userId: string, subscriber: NoticeSubscriber): Promise<void> {
      await topics.subscribeNotices(userId, subscriber).subscribed;
    },

    unsubscribe(userId: string, subscriber: NoticeSubscriber): void {
      topics.unsubscribeNotices(userId, subscriber);
    },

    /** Takes a message of a user's topic. */
    receive(topic: UserTopic, message: unknown): void {
      const notice = parseNotice(message);
      if (notice === null) onUnreadable();
      // Copied, since a subscriber may leave or another come while this one is called.
      else for (const subscriber of [...topic.noticeSubscribers]) subscriber.onNotice(notice);
    },

    /** Rejects when one of them could not be published. */
    async publish(notices: readonly AddressedNotice[]): Promise<void> {
      await Promise.all(notices.map(({ userId, notice }) => topics.publish(userId, notice)));
    },
  };
}

export type Notifications = ReturnType<typeof createNotifications>;

/** Null for what a server of another version may send. */
function parseNotice(message: unknown): Notice | null {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return null;
  const known = message.kind === 'relation' || message.kind === 'request' || message.kind === 'session-ended';
  return known ? (message as Notice) : null;
}
