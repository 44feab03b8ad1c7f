import { createNotifications } from '../../src/services/notifications.js';
import { createUserTopics, type Topics } from '../../src/services/user-topics.js';

/** Notifications that come over `topics`, wired as in node.ts; locations are ignored. */
export function notificationsOver(topics: Topics, onUnreadable?: () => void) {
  const userTopics = createUserTopics(topics, {
    onLocation: () => undefined,
    onNotice: (topic, message) => {
      notifications.receive(topic, message);
    },
  });
  const notifications = createNotifications(userTopics, onUnreadable);
  return { userTopics, notifications };
}
