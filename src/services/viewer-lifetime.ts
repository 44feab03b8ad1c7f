/** Ends what was opened with a viewer's token when the token expires or its session ends. */
import type { Notification } from '../domain/notification.js';
import type { Viewer } from '../domain/user.js';
import { at } from '../time/at.js';
import type { Clock } from '../time/clock.js';
import type { Notifications } from './notifications.js';
import type { NotificationSubscriber } from './user-topics.js';

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
  const subscriber: NotificationSubscriber = {
    onNotification(notification) {
      if (endsSession(notification, viewer)) callback();
    },
  };
  const cancelExpiry = at(clock, viewer.expiresAtMs, callback);
  // It rejects only when the server closes, and then everything ends.
  notifications.subscribe(viewer.userId, subscriber).catch(() => undefined);
  return () => {
    cancelExpiry();
    notifications.unsubscribe(viewer.userId, subscriber);
  };
}

/** Whether a notification ends what was opened with the viewer's token. */
export function endsSession(notification: Notification, viewer: Viewer): boolean {
  if (notification.kind !== 'session-ended') return false;
  return notification.sessionId === null || notification.sessionId === viewer.sessionId;
}
