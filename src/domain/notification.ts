import type { FriendRequest } from './friendship.js';

/**
 * A message to one user's own connections, on every server, over the user's topic. A relation notification
 * carries no state: its receiver reads the friendship and the sharing again, so notifications may come twice
 * or out of order.
 */
export type Notification =
  /** The relation to `friendId` changed: added, removed, blocked, deleted, sharing paused or resumed. */
  | { readonly kind: 'relation'; readonly friendId: string }
  /** A friend request from or to the user was made or answered. */
  | { readonly kind: 'request'; readonly request: FriendRequest }
  /** A session ended: its sockets close. Null ends all of the user's, as when the account is deleted. */
  | { readonly kind: 'session-ended'; readonly sessionId: string | null };

export interface AddressedNotification {
  readonly userId: string;
  readonly notification: Notification;
}
