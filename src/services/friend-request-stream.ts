/** One friendRequests subscription: requests from and to the viewer as they are made and answered. */
import type { FriendRequest } from '../domain/friendship.js';
import type { Viewer } from '../domain/user.js';
import type { Clock } from './clock.js';
import type { Inbox } from './inbox.js';
import { createMailbox } from './mailbox.js';
import type { NoticeWatcher } from './user-topics.js';
import { onViewerEnd } from './viewer-lifetime.js';

/** Requests that wait for a slow reader, newest state of each; the oldest is given up beyond this. */
const MAX_WAITING_REQUESTS = 1_000;

export type FriendRequestStream = ReturnType<typeof createFriendRequestStream>;

interface FriendRequestStreamDeps {
  readonly inbox: Inbox;
  readonly clock: Clock;
  /** Told when a request is given up. */
  onGivenUp(): void;
}

export function createFriendRequestStream({ inbox, clock, onGivenUp }: FriendRequestStreamDeps) {
  /** Resolves when every request made from then on will be told. */
  return async function followFriendRequests(
    viewer: Viewer,
  ): Promise<AsyncIterableIterator<FriendRequest, undefined>> {
    const waiting = new Map<string, FriendRequest>();
    const requests = createMailbox<FriendRequest>({
      limit: 1,
      onReady: sendWaiting,
      onEnd: () => {
        stopWatching();
        inbox.unwatch(viewer.userId, watcher);
      },
    });
    const stopWatching = onViewerEnd(viewer, inbox, clock, () => {
      requests.end();
    });

    const watcher: NoticeWatcher = {
      onNotice(notice) {
        if (notice.kind !== 'request') return;
        waiting.delete(notice.request.id);
        waiting.set(notice.request.id, notice.request);
        if (waiting.size > MAX_WAITING_REQUESTS && shiftOldest(waiting) !== null) onGivenUp();
        sendWaiting();
      },
    };

    function sendWaiting(): void {
      while (requests.ready && waiting.size > 0) {
        const request = shiftOldest(waiting);
        if (request !== null) requests.send(request);
      }
    }

    try {
      await inbox.watch(viewer.userId, watcher);
    } catch (error) {
      requests.end();
      throw error;
    }
    return requests;
  };
}

function shiftOldest<T>(map: Map<string, T>): T | null {
  for (const [key, value] of map) {
    map.delete(key);
    return value;
  }
  return null;
}
