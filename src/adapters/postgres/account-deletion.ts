/**
 * Deletes a user with all that hangs on it but the history, which is left to eraseHistory(): friends, the other side
 * of waiting requests, and the user's own sockets are told. Results in whether there was such a user.
 */
import type { FriendRequest } from '../../domain/friendship.js';
import type { AddressedNotice } from '../../domain/notice.js';
import type { Posted } from '../../services/outbox.js';
import { HISTORY_WRITERS } from './history-lock.js';
import { postNotices, postToFriends } from './outbox-store.js';
import { CARD, type PrismaClient, type Transaction } from './prisma.js';

export async function deleteUser(transaction: Transaction, userId: string): Promise<Posted<boolean>> {
  // Everybody whose rows go with the user's, in the order in which all lock users: two friends may leave at once.
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
    ...(await postToFriends(transaction, userId)),
    ...(await postNotices(transaction, [
      ...(await closedRequests(transaction, userId)),
      { userId, notice: { kind: 'session-ended', sessionId: null } },
    ])),
  ];
  await transaction.user.delete({ where: { id: userId } });
  await transaction.erasure.create({ data: { userId } });
  // Last, since nobody can write history while it is held.
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${HISTORY_WRITERS}::bigint)`;
  return { result: true, posted };
}

/** Deletes what a deleted user recorded, and the note that it is still to be done. */
export async function eraseHistory(prisma: PrismaClient, userId: string): Promise<void> {
  await prisma.locationHistory.deleteMany({ where: { userId } });
  await prisma.locationId.deleteMany({ where: { userId } });
  await prisma.erasure.deleteMany({ where: { userId } });
}

export async function unerasedUsers(prisma: PrismaClient): Promise<string[]> {
  const erasures = await prisma.erasure.findMany({ orderBy: { createdAt: 'asc' }, select: { userId: true } });
  return erasures.map(({ userId }) => userId);
}

/** What the other sides of the user's waiting requests are told. */
async function closedRequests(transaction: Transaction, userId: string): Promise<AddressedNotice[]> {
  const requests = await transaction.friendRequest.findMany({
    where: { status: 'PENDING', OR: [{ fromId: userId }, { toId: userId }] },
    select: { id: true, createdAt: true, from: { select: CARD }, to: { select: CARD } },
  });
  return requests.map(({ createdAt, ...rest }): AddressedNotice => {
    const mine = rest.from.id === userId;
    const status = mine ? 'CANCELLED' : 'DECLINED';
    const request: FriendRequest = { ...rest, status, createdAtMs: createdAt.getTime() };
    return { userId: mine ? rest.to.id : rest.from.id, notice: { kind: 'request', request } };
  });
}
