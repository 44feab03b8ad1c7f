import type { Sharing, SharingException } from './sharing.js';
import type { UserCard } from './user.js';

/** A friend, as a viewer's live list needs it: the card, and whether the friend may be seen. */
export interface Friend {
  readonly card: UserCard;
  readonly sharing: Sharing;
  /** The friend's exception for the viewer, which may be over; null for none. */
  readonly exception: SharingException | null;
}

/** Whether the viewer may be shown the friend approximately, now or at another time. */
export const mayBeApproximate = ({ sharing, exception }: Friend): boolean =>
  sharing.precision === 'APPROXIMATE' || exception?.precision === 'APPROXIMATE';

export const FRIEND_REQUEST_STATUSES = ['PENDING', 'ACCEPTED', 'DECLINED', 'CANCELLED'] as const;

export type FriendRequestStatus = (typeof FRIEND_REQUEST_STATUSES)[number];

export interface FriendRequest {
  readonly id: string;
  readonly from: UserCard;
  readonly to: UserCard;
  readonly status: FriendRequestStatus;
  readonly createdAtMs: number;
}

/** After a decline the next request of the same user is kept from who declined for so long. */
export const DECLINE_REST_DAYS = 30;

/** The most friends that one user may have; a live list may subscribe to one topic for each of them. */
export const MAX_FRIENDS = 5_000;
