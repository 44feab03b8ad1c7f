import { createNotifications } from '../../src/services/notifications.js';
import { createUserTopics, type Topics } from '../../src/services/user-topics.js';

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
