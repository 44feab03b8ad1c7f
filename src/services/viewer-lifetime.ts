import type { Notice } from '../domain/notice.js';
import type { Viewer } from '../domain/user.js';
import type { Clock } from './clock.js';
import type { Inbox } from './inbox.js';
import type { NoticeWatcher } from './user-topics.js';

/** Whether a notice ends what was opened with the viewer's token. */
export function endsSession(notice: Notice, viewer: Viewer): boolean {
  if (notice.kind !== 'session-ended') return false;
  return notice.sessionId === null || notice.sessionId === viewer.sessionId;
}

/**
 * Calls back when the viewer's token expires or its session ends: what was opened with it must not outlive it.
 * @returns what stops watching for that.
 */
export function onViewerEnd(viewer: Viewer, inbox: Inbox, clock: Clock, callback: () => void): () => void {
  const watcher: NoticeWatcher = {
    onNotice(notice) {
      if (endsSession(notice, viewer)) callback();
    },
  };
  const cancelExpiry = clock.after(viewer.expiresAtMs - clock.now(), callback);
  // Rejects only when the server closes, and then everything ends.
  inbox.watch(viewer.userId, watcher).catch(() => undefined);
  return () => {
    cancelExpiry();
    inbox.unwatch(viewer.userId, watcher);
  };
}
