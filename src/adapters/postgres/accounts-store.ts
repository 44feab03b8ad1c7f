/** Accounts and sessions in PostgreSQL. Refresh tokens are stored as hashes. */
import type { AddressedNotification } from '../../domain/notification.js';
import type { AccountStore, NewSession } from '../../services/accounts.js';
import type { ExternalUserStore } from '../../services/openid-sign-in.js';
import { type Clock, systemClock } from '../../time/clock.js';
import { deleteUser, type EraseElsewhere, eraseHistory, unerasedUsers } from './account-deletion.js';
import { databaseStore } from './failures.js';
import { postNotifications } from './outbox-store.js';
import { CARD, isUniqueViolation, type PrismaClient, type Transaction } from './prisma.js';
import { useRefreshToken } from './token-rotation.js';

export function createAccountsStore(
  prisma: PrismaClient,
  { sessionLifetimeMs, eraseElsewhere = null }: AccountsStoreOptions,
  clock: Clock = systemClock,
): AccountStore & ExternalUserStore {
  const store: AccountStore & ExternalUserStore = {
    async createUser({ user, ...account }, session) {
      try {
        await prisma.user.create({
          data: { ...user, ...account, sessions: { create: sessionData(session) } },
        });
        return true;
      } catch (error) {
        if (isUniqueViolation(error)) return false;
        throw error;
      }
    },

    findUser: (userId) => prisma.user.findUnique({ where: { id: userId }, select: CARD }),

    async findCredentials(handle) {
      const row = await prisma.user.findUnique({
        where: { handle },
        select: { ...CARD, passwordHash: true },
      });
      if (row === null) return null;
      const { passwordHash, ...user } = row;
      return { user, passwordHash };
    },

    async createSession({ user, passwordHash }, { sessionId, refreshToken: { hash, expiresAtMs } }) {
      // The lock waits for a change of the password, which ends the sessions that it finds.
      const made = await prisma.$executeRaw`
        WITH owner AS (
          SELECT id FROM users WHERE id = ${user.id}::uuid AND password_hash = ${passwordHash} FOR SHARE
        ), made AS (
          INSERT INTO auth_sessions (id, user_id) SELECT ${sessionId}::uuid, id FROM owner RETURNING id
        )
        INSERT INTO refresh_tokens (token_hash, session_id, expires_at, generation)
        SELECT ${hash}, id, ${new Date(expiresAtMs)}::timestamptz, 0 FROM made`;
      return made > 0;
    },

    async rotateRefreshToken(tokenHash, next, nowMs) {
      const token = await prisma.refreshToken.findUnique({
        where: { tokenHash },
        select: { sessionId: true },
      });
      if (token === null) return { outcome: 'unknown' };
      const { sessionId } = token;
      return prisma.$transaction(async (transaction) => {
        // The session's row is the lock, as it is in ending a session, so that the two cannot deadlock.
        await transaction.$queryRaw`SELECT FROM auth_sessions WHERE id = ${sessionId}::uuid FOR UPDATE`;
        const found = await transaction.refreshToken.findUnique({
          where: { tokenHash },
          select: { expiresAt: true, session: { select: { user: { select: CARD } } } },
        });
        if (found === null || found.expiresAt.getTime() <= nowMs) return { outcome: 'unknown' };
        const { user } = found.session;
        if (await useRefreshToken(transaction, { sessionId, tokenHash, next })) {
          return { outcome: 'rotated', user, sessionId };
        }
        const { posted } = await endSession(transaction, user.id, sessionId);
        return { outcome: 'reused', userId: user.id, sessionId, posted };
      });
    },

    endSession(userId, sessionId) {
      return prisma.$transaction((transaction) => endSession(transaction, userId, sessionId));
    },

    async deleteExpiredSessions(nowMs) {
      const expiredAt = new Date(nowMs);
      await prisma.refreshToken.deleteMany({ where: { expiresAt: { lte: expiredAt } } });
      await prisma.authSession.deleteMany({
        where: { createdAt: { lt: new Date(nowMs - sessionLifetimeMs) }, refreshTokens: { none: {} } },
      });
    },

    deleteUser: (userId) => prisma.$transaction((transaction) => deleteUser(transaction, userId)),
    eraseHistory: (userId) => eraseHistory(prisma, userId, eraseElsewhere),
    unerasedUsers: () => unerasedUsers(prisma),

    async findExternalUser({ issuer, subject }) {
      const user = await prisma.user.findUnique({
        where: { oidcIssuer_oidcSubject: { oidcIssuer: issuer, oidcSubject: subject } },
        select: { id: true },
      });
      return user && user.id;
    },

    async createExternalUser({ issuer, subject }, user) {
      const data = { ...user, oidcIssuer: issuer, oidcSubject: subject };
      const { count } = await prisma.user.createMany({ data, skipDuplicates: true });
      return count > 0;
    },
  };
  return databaseStore(store, clock);
}

export interface AccountsStoreOptions {
  /**
   * In milliseconds. A session without refresh tokens is kept for this long from its start, as its access
   * tokens may still be valid.
   */
  readonly sessionLifetimeMs: number;
  /** Deletes what another database has of a deleted user's history. Default: there is none. */
  readonly eraseElsewhere?: EraseElsewhere;
}

function sessionData({ sessionId, refreshToken }: NewSession) {
  const { hash, expiresAtMs } = refreshToken;
  const token = { tokenHash: hash, expiresAt: new Date(expiresAtMs), generation: 0 };
  return { id: sessionId, refreshTokens: { create: token } };
}

async function endSession(transaction: Transaction, userId: string, sessionId: string) {
  const { count } = await transaction.authSession.deleteMany({ where: { id: sessionId, userId } });
  const notifications: AddressedNotification[] = [
    { userId, notification: { kind: 'session-ended', sessionId } },
  ];
  return { result: count > 0, posted: await postNotifications(transaction, count > 0 ? notifications : []) };
}
