/** Ends what was opened with a viewer's token when the token expires or its session ends. */
import type { Notification } from '../domain/notification.js';
import type { Viewer } from '../domain/user.js';
import { at } from '../time/at.js';
import type { Clock } from '../time/clock.js';
import type { Notifications } from './notifications.js';
import type { RecheckedSession, SessionRecheck } from './session-recheck.js';
import type { NotificationSubscriber } from './user-topics.js';

export function createViewerLifetimes({
  notifications,
  sessionRecheck,
  stillHolds,
  clock,
}: ViewerLifetimesDeps) {
  return {
    /**
     * Calls back when the viewer's token expires or its session ends, or when neither can be known any more.
     * @returns stops waiting for that.
     */
    onEnd(viewer: Viewer, callback: () => void): () => void {
      const subscriber: NotificationSubscriber & RecheckedSession = {
        userId: viewer.userId,
        onNotification(notification) {
          if (endsSession(notification, viewer)) callback();
        },
        async recheck() {
          if (!(await stillHolds(viewer).catch(() => false))) callback();
        },
      };
      const cancelExpiry = at(clock, viewer.expiresAtMs, callback);
      // It rejects only when the server closes, and then everything ends.
      notifications.subscribe(viewer.userId, subscriber).catch(() => undefined);
      // The session may have ended since the token was checked.
      sessionRecheck.add(subscriber, true);
      return () => {
        cancelExpiry();
        sessionRecheck.remove(subscriber);
        notifications.unsubscribe(viewer.userId, subscriber);
      };
    },
  };
}

export type ViewerLifetimes = ReturnType<typeof createViewerLifetimes>;

/** Whether a notification ends what was opened with the viewer's token. */
export function endsSession(notification: Notification, viewer: Viewer): boolean {
  if (notification.kind !== 'session-ended') return false;
  return notification.sessionId === null || notification.sessionId === viewer.sessionId;
}

export interface ViewerLifetimesDeps {
  readonly notifications: Notifications;
  readonly sessionRecheck: SessionRecheck;
  /** Resolves to whether the viewer's session is live; rejects when that can't be known. */
  readonly stillHolds: (viewer: Viewer) => Promise<boolean>;
  readonly clock: Clock;
}
