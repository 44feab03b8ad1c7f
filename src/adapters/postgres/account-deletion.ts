/**
 * Deletes users in two steps. A short transaction removes the account and notifies everybody concerned; the
 * history, which may be long, is erased after it. A note in the database keeps an erasure that failed from
 * being forgotten.
 */
import type { FriendRequest } from '../../domain/friendship.js';
import type { AddressedNotification } from '../../domain/notification.js';
import type { Posted } from '../../services/outbox.js';
import { HISTORY_WRITERS } from './history-lock.js';
import { postNotifications, postToFriends } from './outbox-store.js';
import { CARD, type PrismaClient, type Transaction } from './prisma.js';

/**
 * Deletes a user with everything but the history, and notifies friends, the other side of pending requests,
 * and the user's own connections. The result is whether there was such a user.
 */
export async function deleteUser(transaction: Transaction, userId: string): Promise<Posted<boolean>> {
  // Locks everybody whose rows are deleted too, in the order of all transactions: two friends may leave at
  // once.
  const locked = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM users
     WHERE id = ${userId}::uuid
        OR id IN (SELECT friend_id FROM friendships WHERE user_id = ${userId}::uuid
                  UNION SELECT to_id FROM friend_requests WHERE from_id = ${userId}::uuid
                  UNION SELECT from_id FROM friend_requests WHERE to_id = ${userId}::uuid
                  UNION SELECT blocked_id FROM blocks WHERE blocker_id = ${userId}::uuid
                  UNION SELECT blocker_id FROM blocks WHERE blocked_id = ${userId}::uuid)
     ORDER BY id FOR NO KEY UPDATE`;
  if (!locked.some(({ id }) => id === userId)) return { result: false, posted: [] };
  const posted = [
    ...(await postToFriends(transaction, userId, true)),
    ...(await postNotifications(transaction, [
      ...(await closedRequests(transaction, userId)),
      { userId, notification: { kind: 'session-ended', sessionId: null } },
    ])),
  ];
  await transaction.user.delete({ where: { id: userId } });
  await transaction.erasure.create({ data: { userId } });
  // This lock comes last, since nobody can write history while it is held.
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${HISTORY_WRITERS}::bigint)`;
  return { result: true, posted };
}

/**
 * Deletes a deleted user's history, and the note that says it is still to be deleted.
 * @param eraseElsewhere deletes what another database has of it.
 */
export async function eraseHistory(
  prisma: PrismaClient,
  userId: string,
  eraseElsewhere: EraseElsewhere,
): Promise<void> {
  await eraseElsewhere?.(userId);
  await prisma.locationHistory.deleteMany({ where: { userId } });
  await prisma.locationId.deleteMany({ where: { userId } });
  await prisma.erasure.deleteMany({ where: { userId } });
}

export type EraseElsewhere = ((userId: string) => Promise<void>) | null;

/** Resolves to the deleted users whose history is not yet erased, oldest first. */
export async function unerasedUsers(prisma: PrismaClient): Promise<string[]> {
  const erasures = await prisma.erasure.findMany({ orderBy: { createdAt: 'asc' }, select: { userId: true } });
  return erasures.map(({ userId }) => userId);
}

/** Makes the notifications for the other sides of the user's pending requests. */
async function closedRequests(transaction: Transaction, userId: string): Promise<AddressedNotification[]> {
  const requests = await transaction.friendRequest.findMany({
    where: { status: 'PENDING', OR: [{ fromId: userId }, { toId: userId }] },
    select: { id: true, createdAt: true, from: { select: CARD }, to: { select: CARD } },
  });
  return requests.map(({ createdAt, ...rest }): AddressedNotification => {
    const mine = rest.from.id === userId;
    const status = mine ? 'CANCELLED' : 'DECLINED';
    const request: FriendRequest = { ...rest, status, createdAtMs: createdAt.getTime() };
    return { userId: mine ? rest.to.id : rest.from.id, notification: { kind: 'request', request } };
  });
}
