/** Alerts in PostgreSQL. Those of the users who report at one moment are read in one query. */
import DataLoader from 'dataloader';
import type pg from 'pg';
import { DomainError } from '../../domain/errors.js';
import type { NearAlertStore } from '../../services/near-alerts.js';
import type { Clock } from '../../time/clock.js';
import { databaseStore } from './failures.js';
import { named } from './prepared.js';
import { CARD, type PrismaClient } from './prisma.js';

export function createNearAlertStore(
  prisma: PrismaClient,
  pool: pg.Pool,
  clock: Clock,
  nameStatement = named,
): NearAlertStore {
  const radii = new DataLoader(
    async (userIds: readonly string[]) => {
      const { rows } = await pool.query<RadiiRow>({
        name: nameStatement('load-near-alerts'),
        text: RADII,
        values: [userIds],
      });
      const found = new Map(rows.map(({ user_id, radii }) => [user_id, new Map(radii)]));
      return userIds.map((userId) => found.get(userId) ?? new Map<string, number>());
    },
    { cache: false, maxBatchSize: 1_000, batchScheduleFn: (load) => void clock.after(BATCH_WAIT_MS, load) },
  );

  const store: NearAlertStore = {
    async page(userId, limit, afterHandle) {
      const rows = await prisma.friendship.findMany({
        where: {
          userId,
          nearAlert: { isNot: null },
          ...(afterHandle !== null && { friend: { handle: { gt: afterHandle } } }),
        },
        orderBy: { friend: { handle: 'asc' } },
        take: limit,
        select: { friend: { select: CARD }, nearAlert: { select: { radiusMeters: true } } },
      });
      return rows.flatMap(({ friend, nearAlert }) => (nearAlert === null ? [] : { friend, ...nearAlert }));
    },

    set(userId, friendId, radiusMeters) {
      return prisma.$transaction(async (transaction) => {
        const [row] = await transaction.$queryRaw<unknown[]>`
          SELECT FROM friendships WHERE user_id = ${userId}::uuid AND friend_id = ${friendId}::uuid FOR KEY SHARE`;
        if (row === undefined) throw new DomainError('not-found', 'There is no such friend.');
        if (radiusMeters === null) {
          await transaction.nearAlert.deleteMany({ where: { userId, friendId } });
          return null;
        }
        await transaction.nearAlert.upsert({
          where: { userId_friendId: { userId, friendId } },
          create: { userId, friendId, radiusMeters },
          update: { radiusMeters },
        });
        const friend = await transaction.user.findUniqueOrThrow({ where: { id: friendId }, select: CARD });
        return { friend, radiusMeters };
      });
    },

    radiiOf: (userId) => radii.load(userId),
  };
  return databaseStore(store, clock);
}

interface RadiiRow {
  readonly user_id: string;
  readonly radii: readonly (readonly [friendId: string, radiusMeters: number])[];
}

/** Nobody waits for the answer. */
const BATCH_WAIT_MS = 20;

/** Whoever has no browser to be told in has no alerts. */
const RADII = `
  SELECT user_id, json_agg(json_build_array(friend_id, radius_meters)) AS radii
    FROM near_alerts
   WHERE user_id = ANY ($1::uuid[])
     AND EXISTS (SELECT FROM push_subscriptions JOIN auth_sessions ON auth_sessions.id = session_id
                  WHERE auth_sessions.user_id = near_alerts.user_id)
   GROUP BY user_id`;
