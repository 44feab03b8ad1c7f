/** Browsers that are sent push messages, in PostgreSQL. Each belongs to a session and ends with it. */
import type { PushStore } from '../../services/push-notifications.js';
import type { Clock } from '../../time/clock.js';
import { databaseStore } from './failures.js';
import type { PrismaClient } from './prisma.js';

export function createPushStore(prisma: PrismaClient, clock: Clock): PushStore {
  const store: PushStore = {
    save(userId, sessionId, { endpoint, p256dh, auth }) {
      return prisma.$transaction(async (transaction) => {
        const saved = await transaction.$executeRaw`
          INSERT INTO push_subscriptions (endpoint, session_id, p256dh, auth)
          SELECT ${endpoint}, id, ${p256dh}, ${auth} FROM auth_sessions
           WHERE id = ${sessionId}::uuid AND user_id = ${userId}::uuid FOR KEY SHARE
          ON CONFLICT (endpoint) DO UPDATE
            SET session_id = EXCLUDED.session_id, p256dh = EXCLUDED.p256dh, auth = EXCLUDED.auth, created_at = now()`;
        await transaction.$executeRaw`
          DELETE FROM push_subscriptions WHERE endpoint IN (
            SELECT endpoint FROM push_subscriptions JOIN auth_sessions ON auth_sessions.id = session_id
             WHERE user_id = ${userId}::uuid
             ORDER BY push_subscriptions.created_at DESC, endpoint = ${endpoint} DESC, endpoint
            OFFSET ${MAX_OF_USER})`;
        return saved > 0;
      });
    },

    async remove(userId, endpoint) {
      const { count } = await prisma.pushSubscription.deleteMany({
        where: { endpoint, session: { userId } },
      });
      return count > 0;
    },

    async delete({ endpoint, p256dh }) {
      await prisma.pushSubscription.deleteMany({ where: { endpoint, p256dh } });
    },

    subscriptionsOf: (userId, alertOn) =>
      prisma.pushSubscription.findMany({
        where: {
          session: {
            user: {
              id: userId,
              ...(alertOn !== null && {
                friendships: { some: { friendId: alertOn, nearAlert: { isNot: null } } },
              }),
            },
          },
        },
        select: { endpoint: true, p256dh: true, auth: true },
      }),
  };
  return databaseStore(store, clock);
}

/** Browsers of one user. */
const MAX_OF_USER = 10;
