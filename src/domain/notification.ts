/**
 * A message to one user's own connections, on every server, over the user's topic, or the user's inbox for the
 * whereabouts of friends. A relation notification
 * carries no state: its receiver reads the friendship and the sharing again, so notifications may come twice
 * or out of order.
 */
import { FRIEND_REQUEST_STATUSES, type FriendRequest } from './friendship.js';
import { normalizeHandle } from './handle.js';
import { isId } from './id.js';
import type { UserCard } from './user.js';

export type Notification =
  /**
   * The relation to `friendId` changed: added, removed, blocked, deleted, renamed, sharing paused or resumed.
   * `isFriendship` tells what changes the list of friends from sharing; servers of the release before leave it out.
   */
  | { readonly kind: 'relation'; readonly friendId: string; readonly isFriendship?: true }
  /**
   * What the user shares with all changed, or with `friendId` the exception for that friend. Servers of the release
   * before throw it away.
   */
  | { readonly kind: 'sharing'; readonly friendId?: string }
  /** A friend request from or to the user was made or answered. */
  | { readonly kind: 'request'; readonly request: FriendRequest }
  /** A session ended: its sockets close. Null ends all of the user's, as when the account is deleted. */
  | { readonly kind: 'session-ended'; readonly sessionId: string | null }
  /**
   * Where a friend is. The record has whereabouts that begin, or that the user may not know. Without a readable one
   * the friend's location is to be read again.
   */
  | { readonly kind: 'whereabouts'; readonly friendId: string; readonly record: unknown };

export interface AddressedNotification {
  readonly userId: string;
  readonly notification: Notification;
}

/** The form in which a notification crosses servers. One that lay in the outbox keeps its version. */
export const toMessage = (notification: Notification): object => ({
  version: NOTIFICATION_VERSION,
  ...notification,
});

/**
 * Reads a message as carefully as what a client sends: anybody may have written it, and another version of the
 * server. The release before sends no version. Null for anything else.
 */
export function fromMessage(message: unknown): Notification | null {
  if (!isObject(message)) return null;
  const { version = NOTIFICATION_VERSION, kind, friendId, isFriendship, sessionId } = message;
  if (version !== NOTIFICATION_VERSION) return null;
  switch (kind) {
    case 'relation':
      if (!isId(friendId)) return null;
      return isFriendship === true ? { kind, friendId, isFriendship } : { kind, friendId };
    case 'sharing':
      if (friendId === undefined) return { kind };
      return isId(friendId) ? { kind, friendId } : null;
    case 'whereabouts':
      return isId(friendId) ? { kind, friendId, record: message.record ?? null } : null;
    case 'session-ended':
      return sessionId === null || isId(sessionId) ? { kind, sessionId } : null;
    case 'request': {
      const request = requestIn(message.request);
      return request && { kind, request };
    }
    default:
      return null;
  }
}

/** How it may change: docs/decisions/078-records-have-versions.md. */
const NOTIFICATION_VERSION = 1;

const LATEST_DATE_MS = Date.UTC(9999, 11, 31);
/** Of a name, in UTF-16 code units: 100 code points. */
const MAX_NAME_LENGTH = 200;

function requestIn(value: unknown): FriendRequest | null {
  if (!isObject(value)) return null;
  const { id, status, createdAtMs } = value;
  const [from, to] = [cardIn(value.from), cardIn(value.to)];
  const known = FRIEND_REQUEST_STATUSES.find((each) => each === status);
  if (!isId(id) || from === null || to === null || known === undefined || !isDate(createdAtMs)) return null;
  return { id, from, to, status: known, createdAtMs };
}

function cardIn(value: unknown): UserCard | null {
  if (!isObject(value)) return null;
  const { id, handle, displayName } = value;
  if (!isId(id) || typeof handle !== 'string' || normalizeHandle(handle) !== handle) return null;
  // A name that was stored before a rule stays as it is.
  if (typeof displayName !== 'string' || displayName.length > MAX_NAME_LENGTH) return null;
  return { id, handle, displayName };
}

const isDate = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= LATEST_DATE_MS;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
