/** Ends what was opened with a viewer's token when the token expires or its session ends. */
import type { Notice } from '../domain/notice.js';
import type { Viewer } from '../domain/user.js';
import type { Clock } from '../time/clock.js';
import type { Notifications } from './notifications.js';
import type { NoticeSubscriber } from './user-topics.js';

/**
 * Calls back when the viewer's token expires or its session ends.
 * @returns stops waiting for that.
 */
export function onViewerEnd(
  viewer: Viewer,
  notifications: Notifications,
  clock: Clock,
  callback: () => void,
): () => void {
  const subscriber: NoticeSubscriber = {
    onNotice(notice) {
      if (endsSession(notice, viewer)) callback();
    },
  };
  const cancelExpiry = clock.after(viewer.expiresAtMs - clock.now(), callback);
  // It rejects only when the server closes, and then everything ends.
  notifications.subscribe(viewer.userId, subscriber).catch(() => undefined);
  return () => {
    cancelExpiry();
    notifications.unsubscribe(viewer.userId, subscriber);
  };
}

/** Whether a notice ends what was opened with the viewer's token. */
export function endsSession(notice: Notice, viewer: Viewer): boolean {
  if (notice.kind !== 'session-ended') return false;
  return notice.sessionId === null || notice.sessionId === viewer.sessionId;
}
