/** Notices to one user's own sockets and streams, over the user's topic. */
import type { AddressedNotice, Notice } from '../domain/notice.js';
import type { NoticeWatcher, UserTopics } from './user-topics.js';

export type Inbox = ReturnType<typeof createInbox>;

/** @param onUnreadable told of a message that is no notice, which is thrown away. */
export function createInbox(topics: UserTopics, onUnreadable = (): void => undefined) {
  topics.handlers.onNotice = (topic, message) => {
    const notice = parseNotice(message);
    if (notice === null) onUnreadable();
    // A watcher may leave, or another come, while it is told.
    else for (const watcher of [...topic.own]) watcher.onNotice(notice);
  };

  return {
    /** Resolves when every notice published from then on will be heard. */
    async watch(userId: string, watcher: NoticeWatcher): Promise<void> {
      await topics.listen(userId, watcher).live;
    },

    unwatch(userId: string, watcher: NoticeWatcher): void {
      topics.unlisten(userId, watcher);
    },

    /** Rejects when one of them could not be published. */
    async publish(notices: readonly AddressedNotice[]): Promise<void> {
      await Promise.all(notices.map(({ userId, notice }) => topics.publish(userId, notice)));
    },
  };
}

/** Null for what a server of another version may send. */
function parseNotice(message: unknown): Notice | null {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return null;
  const known = message.kind === 'relation' || message.kind === 'request' || message.kind === 'session-ended';
  return known ? (message as Notice) : null;
}
