/**
 * Reads and changes the relation of two users in a transaction. Both users' rows are locked first, always in
 * the order of their ids: until the transaction ends, no other one changes the pair or either user's number
 * of friends, and no two such transactions deadlock.
 */
import { DomainError } from '../../domain/errors.js';
import { DECLINE_REST_DAYS } from '../../domain/friendship.js';
import {
  noSuchUser,
  notificationsOf,
  type Pair,
  type PairChange,
  type PairDecision,
} from '../../domain/pair.js';
import type { UserCard } from '../../domain/user.js';
import type { Posted } from '../../services/outbox.js';
import { postNotifications } from './outbox-store.js';
import type { Transaction } from './prisma.js';

/**
 * Locks the two users and reads what they are to each other.
 * @throws DomainError 'not-found' when there is no other user, 'unauthenticated' when there is no viewer.
 */
export async function readLockedPair(
  transaction: Transaction,
  viewerId: string,
  otherId: string,
): Promise<Pair> {
  const users = await transaction.$queryRaw<UserCard[]>`
    SELECT id, handle, display_name AS "displayName" FROM users
     WHERE id IN (${viewerId}::uuid, ${otherId}::uuid) ORDER BY id FOR NO KEY UPDATE`;
  const viewer = users.find(({ id }) => id === viewerId);
  const other = users.find(({ id }) => id === otherId);

  // A second statement sees what was committed while this transaction waited for the lock. It also runs for a user
  // who does not exist, so that its time does not tell them from one who blocks the viewer.
  const [state] = await transaction.$queryRaw<PairState[]>`
    WITH pair AS (SELECT ${viewerId}::uuid AS viewer, ${otherId}::uuid AS other)
    SELECT EXISTS (SELECT FROM friendships WHERE user_id = viewer AND friend_id = other) AS friends,
           EXISTS (SELECT FROM blocks WHERE blocker_id = viewer AND blocked_id = other) AS "viewerBlocks",
           EXISTS (SELECT FROM blocks WHERE blocker_id = other AND blocked_id = viewer) AS "otherBlocks",
           (SELECT count(*)::int FROM friendships WHERE user_id = viewer) AS "viewerFriendCount",
           (SELECT count(*)::int FROM friendships WHERE user_id = other) AS "otherFriendCount",
           EXISTS (SELECT FROM friend_requests WHERE from_id = viewer AND to_id = other AND status = 'DECLINED'
                      AND coalesce(answered_at, created_at) > now() - ${DECLINE_REST_DAYS}::int * interval '1 day') AS "otherDeclinedLately",
           pending.id AS "pendingId", pending.from_id AS "pendingFromId", pending.created_at AS "pendingSince"
      FROM pair LEFT JOIN friend_requests pending
        ON pending.status = 'PENDING'
       AND least(from_id, to_id) = least(viewer, other) AND greatest(from_id, to_id) = greatest(viewer, other)`;
  if (viewer === undefined) throw new DomainError('unauthenticated', 'The account is gone.');
  if (other === undefined) throw noSuchUser();
  if (state === undefined) throw new TypeError('The state of a pair must be one row');
  const { pendingId, pendingFromId, pendingSince, ...rest } = state;
  const mine = pendingFromId === viewerId;
  const pending = pendingId !== null &&
    pendingSince !== null && {
      id: pendingId,
      from: mine ? viewer : other,
      to: mine ? other : viewer,
      status: 'PENDING' as const,
      createdAtMs: pendingSince.getTime(),
    };
  return { viewer, other, ...rest, pending: pending || null };
}

/** Writes the changes of a decision, with their notifications. */
export async function applyDecision<T>(
  transaction: Transaction,
  pair: Pair,
  { result, changes }: PairDecision<T>,
): Promise<Posted<T>> {
  for (const change of changes) await apply(transaction, pair, change);
  return { result, posted: await postNotifications(transaction, notificationsOf(pair, changes)) };
}

interface PairState extends Pick<
  Pair,
  | 'friends'
  | 'viewerBlocks'
  | 'otherBlocks'
  | 'viewerFriendCount'
  | 'otherFriendCount'
  | 'otherDeclinedLately'
> {
  readonly pendingId: string | null;
  readonly pendingFromId: string | null;
  readonly pendingSince: Date | null;
}

async function apply(transaction: Transaction, { viewer, other }: Pair, change: PairChange): Promise<void> {
  switch (change.kind) {
    case 'befriend':
      await transaction.friendship.createMany({ data: bothSides(viewer.id, other.id) });
      return;
    case 'unfriend':
      await transaction.friendship.deleteMany({ where: { OR: bothSides(viewer.id, other.id) } });
      return;
    case 'block':
      await transaction.block.create({ data: { blockerId: viewer.id, blockedId: other.id } });
      return;
    case 'ask': {
      const { id, from, to, status, createdAtMs } = change.request;
      await transaction.friendRequest.create({
        data: { id, fromId: from.id, toId: to.id, status, createdAt: new Date(createdAtMs) },
      });
      return;
    }
    case 'answer': {
      const { id, status } = change.request;
      await transaction.$executeRaw`
        UPDATE friend_requests SET status = ${status}::friend_request_status, answered_at = now() WHERE id = ${id}::uuid`;
      return;
    }
  }
}

function bothSides(userId: string, friendId: string) {
  return [
    { userId, friendId },
    { userId: friendId, friendId: userId },
  ];
}
