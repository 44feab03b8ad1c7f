/**
 * Notices to one user's own sockets and streams: one topic per user, subscribed once per server.
 */
import type { AddressedNotice, Notice } from '../domain/notice.js';
import { createSharedTopics, type Topics } from './shared-topics.js';

export type NoticeWatcher = (notice: Notice) => void;

export const inboxTopic = (userId: string): string => `nearby:inbox:${userId}`;

export type Inbox = ReturnType<typeof createInbox>;

/** @param onUnreadable told of a message that is no notice, which is thrown away. */
export function createInbox(topics: Topics, onUnreadable = (): void => undefined) {
  const shared = createSharedTopics<NoticeWatcher, null>({
    topics,
    topicOf: inboxTopic,
    newState: () => null,
    onMessage(topic, message) {
      const notice = parseNotice(message);
      if (notice === null) onUnreadable();
      // A watcher may leave, or another come, while it is told.
      else for (const watcher of [...topic.watchers]) watcher(notice);
    },
  });

  return {
    /** Resolves when every notice published from then on will be heard. */
    async watch(userId: string, watcher: NoticeWatcher): Promise<void> {
      await shared.watch(userId, watcher).live;
    },

    unwatch(userId: string, watcher: NoticeWatcher): void {
      shared.unwatch(userId, watcher);
    },

    /** Rejects when one of them could not be published. */
    async publish(notices: readonly AddressedNotice[]): Promise<void> {
      await Promise.all(notices.map(({ userId, notice }) => topics.publish(inboxTopic(userId), notice)));
    },

    /** How many users' inboxes are watched. */
    get size() {
      return shared.size;
    },
  };
}

/** Null for what a server of another version may send. */
function parseNotice(message: unknown): Notice | null {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return null;
  const known = message.kind === 'relation' || message.kind === 'request' || message.kind === 'session-ended';
  return known ? (message as Notice) : null;
}
