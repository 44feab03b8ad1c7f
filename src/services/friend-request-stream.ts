/** One friendRequests subscription: requests from and to the viewer as they are made and answered. */
import type { FriendRequest } from '../domain/friendship.js';
import type { Viewer } from '../domain/user.js';
import { createBoundedQueue } from './bounded-queue.js';
import type { Notifications } from './notifications.js';
import type { SubscriptionQuota } from './subscription-quota.js';
import type { NotificationSubscriber } from './user-topics.js';
import type { ViewerLifetimes } from './viewer-lifetime.js';

export function createFriendRequestStream(deps: FriendRequestStreamDeps) {
  const { notifications, subscriptions, viewerLifetimes, onGivenUp } = deps;
  /**
   * Resolves when the stream will get every request made from then on.
   * @throws DomainError 'rate-limited' when the viewer has too many subscriptions.
   */
  return async function subscribeFriendRequests(
    viewer: Viewer,
  ): Promise<AsyncIterableIterator<FriendRequest, undefined>> {
    subscriptions.open(viewer.userId);
    const held = new Map<string, FriendRequest>();
    const requests = createBoundedQueue<FriendRequest>({
      limit: 1,
      onReady: sendHeld,
      onEnd: () => {
        subscriptions.close(viewer.userId);
        stopWaiting();
        notifications.unsubscribe(viewer.userId, subscriber);
      },
    });
    const stopWaiting = viewerLifetimes.onEnd(viewer, () => {
      requests.end();
    });

    const subscriber: NotificationSubscriber = {
      onNotification(notification) {
        if (notification.kind !== 'request') return;
        held.delete(notification.request.id);
        held.set(notification.request.id, notification.request);
        if (held.size > MAX_HELD_REQUESTS && shiftOldest(held) !== null) onGivenUp();
        sendHeld();
      },
    };

    function sendHeld(): void {
      while (requests.ready && held.size > 0) {
        const request = shiftOldest(held);
        if (request !== null) requests.send(request);
      }
    }

    try {
      await notifications.subscribe(viewer.userId, subscriber);
    } catch (error) {
      requests.end();
      throw error;
    }
    return requests;
  };
}

export type FriendRequestStream = ReturnType<typeof createFriendRequestStream>;

/** Requests held for a slow reader, the newest state of each; beyond this the oldest is given up. */
const MAX_HELD_REQUESTS = 1_000;

interface FriendRequestStreamDeps {
  readonly notifications: Notifications;
  /** The live subscriptions of each user. */
  readonly subscriptions: SubscriptionQuota;
  readonly viewerLifetimes: ViewerLifetimes;
  /** Called when a request is given up. */
  onGivenUp(): void;
}

function shiftOldest<T>(map: Map<string, T>): T | null {
  for (const [key, value] of map) {
    map.delete(key);
    return value;
  }
  return null;
}
