/** Names, passwords and sessions of users in PostgreSQL, as they change them. */
import type { UserCard } from '../../domain/user.js';
import type { AccountSettingsStore } from '../../services/account-settings.js';
import type { Clock } from '../../time/clock.js';
import { databaseStore } from './failures.js';
import { postNotifications, postToFriends } from './outbox-store.js';
import { CARD, type PrismaClient } from './prisma.js';

export function createAccountSettingsStore(prisma: PrismaClient, clock: Clock): AccountSettingsStore {
  const store: AccountSettingsStore = {
    rename(userId, displayName) {
      return prisma.$transaction(async (transaction) => {
        const [renamed] = await transaction.$queryRaw<UserCard[]>`
          UPDATE users SET display_name = ${displayName}
           WHERE id = ${userId}::uuid AND display_name <> ${displayName}
          RETURNING id, handle, display_name AS "displayName"`;
        // The update waited for friendships that were being made. A statement after it sees them.
        if (renamed !== undefined) {
          return { result: renamed, posted: await postToFriends(transaction, userId, true) };
        }
        const result = await transaction.user.findUnique({ where: { id: userId }, select: CARD });
        return { result, posted: [] };
      });
    },

    async findCredentialsOf(userId) {
      const row = await prisma.user.findUnique({
        where: { id: userId },
        select: { ...CARD, passwordHash: true },
      });
      if (row === null) return null;
      const { passwordHash, ...user } = row;
      return { user, passwordHash };
    },

    changePassword(userId, { from, to, keptSessionId }) {
      return prisma.$transaction(async (transaction) => {
        const { count } = await transaction.user.updateMany({
          where: { id: userId, passwordHash: from },
          data: { passwordHash: to },
        });
        if (count === 0) return { result: false, posted: [] };
        // The update waited for sign-ins with the old password. A statement after it sees their sessions.
        const ended = await transaction.$queryRaw<{ id: string }[]>`
          DELETE FROM auth_sessions
           WHERE user_id = ${userId}::uuid AND id IS DISTINCT FROM ${keptSessionId}::uuid
          RETURNING id`;
        const posted = await postNotifications(
          transaction,
          ended.map(({ id }) => ({ userId, notification: { kind: 'session-ended', sessionId: id } })),
        );
        return { result: true, posted };
      });
    },

    async sessionsOf(userId, limit, after) {
      const [afterDate, afterId] = after === null ? [null, null] : [new Date(after.atMs), after.id];
      const rows = await prisma.$queryRaw<SessionRow[]>`
        SELECT id, created_at,
               (SELECT max(used_at) FROM refresh_tokens WHERE session_id = auth_sessions.id) AS renewed_at
          FROM auth_sessions
         WHERE user_id = ${userId}::uuid
           AND (${afterId}::uuid IS NULL OR (created_at, id) < (${afterDate}::timestamptz, ${afterId}::uuid))
         ORDER BY created_at DESC, id DESC LIMIT ${limit}`;
      return rows.map(({ id, created_at, renewed_at }) => ({
        id,
        createdAtMs: created_at.getTime(),
        lastUsedAtMs: (renewed_at ?? created_at).getTime(),
      }));
    },
  };
  return databaseStore(store, clock);
}

interface SessionRow {
  readonly id: string;
  readonly created_at: Date;
  readonly renewed_at: Date | null;
}
