/** Device tokens in PostgreSQL. */
import type { DeviceTokenStore, ReportingDevice } from '../../services/device-tokens.js';
import type { Clock } from '../../time/clock.js';
import { databaseStore } from './failures.js';
import type { PrismaClient } from './prisma.js';

export function createDeviceTokenStore(prisma: PrismaClient, clock: Clock): DeviceTokenStore {
  const store: DeviceTokenStore = {
    create(userId, { id, name, createdAtMs }, secretHash, most) {
      return prisma.$transaction(async (transaction) => {
        // One after the other, so that two at once do not both count as the last.
        await transaction.$queryRaw`SELECT FROM users WHERE id = ${userId}::uuid FOR UPDATE`;
        const created = await transaction.$executeRaw`
          INSERT INTO device_tokens (id, user_id, name, secret_hash, created_at)
          SELECT ${id}::uuid, id, ${name}, ${secretHash}, ${new Date(createdAtMs)}::timestamptz FROM users
           WHERE id = ${userId}::uuid
             AND (SELECT count(*) FROM device_tokens WHERE user_id = ${userId}::uuid) < ${most}`;
        return created > 0;
      });
    },

    async listOf(userId) {
      const rows = await prisma.deviceToken.findMany({
        where: { userId },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      });
      return rows.map(({ id, name, createdAt, lastUsedAt }) => ({
        id,
        name,
        createdAtMs: createdAt.getTime(),
        lastUsedAtMs: lastUsedAt?.getTime() ?? null,
      }));
    },

    async remove(userId, id) {
      const { count } = await prisma.deviceToken.deleteMany({ where: { id, userId } });
      return count > 0;
    },

    async find(secretHash, nowMs) {
      const minute = new Date(nowMs - (nowMs % 60_000));
      const [found] = await prisma.$queryRaw<ReportingDevice[]>`
        WITH used AS (
          UPDATE device_tokens SET last_used_at = ${minute}::timestamptz
           WHERE secret_hash = ${secretHash} AND last_used_at IS DISTINCT FROM ${minute}::timestamptz
        )
        SELECT device_tokens.id AS "tokenId", user_id AS "userId", handle
          FROM device_tokens JOIN users ON users.id = user_id WHERE secret_hash = ${secretHash}`;
      return found ?? null;
    },
  };
  return databaseStore(store, clock);
}
