import type { FriendRequest } from './friendship.js';

/**
 * A message to one user's own connections, on every server, over the user's topic. A relation notice carries
 * no state: its receiver reads the friendship and the sharing again, so notices may come twice or out of
 * order.
 */
export type Notice =
  /** The relation to `friendId` changed: added, removed, blocked, deleted, sharing paused or resumed. */
  | { readonly kind: 'relation'; readonly friendId: string }
  /** A friend request from or to the user was made or answered. */
  | { readonly kind: 'request'; readonly request: FriendRequest }
  /** A session ended: its sockets close. Null ends all of the user's, as when the account is deleted. */
  | { readonly kind: 'session-ended'; readonly sessionId: string | null };

export interface AddressedNotice {
  readonly userId: string;
  readonly notice: Notice;
}
