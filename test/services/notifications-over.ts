import { createNotifications, type Notifications } from '../../src/services/notifications.js';
import { startSessionRecheck } from '../../src/services/session-recheck.js';
import { createUserTopics, type Topics } from '../../src/services/user-topics.js';
import { createViewerLifetimes } from '../../src/services/viewer-lifetime.js';
import type { Clock } from '../../src/time/clock.js';

/** Notifications that come over `topics`, wired as in node.ts; locations are ignored. */
export function notificationsOver(
  topics: Topics,
  onUnreadable?: () => void,
  onFailed: (error: unknown) => void = () => undefined,
) {
  const userTopics = createUserTopics(topics, {
    onLocation: () => undefined,
    onNotification: (topic, message) => {
      notifications.receive(topic, message);
    },
    onFailed,
  });
  const notifications = createNotifications(userTopics, onUnreadable);
  return { userTopics, notifications };
}

/** Lifetimes of viewers whose notifications always arrive and whose sessions are live as long as `isLive` says so. */
export function viewerLifetimesOver(
  notifications: Notifications,
  clock: Clock,
  isLive = (): boolean => true,
) {
  const sessionRecheck = startSessionRecheck(() => true, clock);
  const stillHolds = (): Promise<boolean> => Promise.resolve(isLive());
  return createViewerLifetimes({ notifications, sessionRecheck, stillHolds, clock });
}
