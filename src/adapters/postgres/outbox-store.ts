/**
 * The outbox in PostgreSQL: notifications are committed with the change that causes them, and deleted when
 * published.
 */
import type pg from 'pg';
import type { AddressedNotification, Notification } from '../../domain/notification.js';
import type { OutboxStore, PostedNotification } from '../../services/outbox.js';
import { named } from './prepared.js';
import type { Transaction } from './prisma.js';
import { inTransaction } from './transaction.js';

export function createOutboxStore(pool: pg.Pool, nameStatement = named): OutboxStore {
  /**
   * Asks by one statement, as relay() runs every second and mostly finds nothing: a transaction takes three.
   */
  async function hasOverdue(minAgeMs: number): Promise<boolean> {
    const text = `SELECT EXISTS (SELECT ${OVERDUE}) AS any`;
    const name = nameStatement('outbox');
    const { rows } = await pool.query<{ any: boolean }>({ name, text, values: [minAgeMs / 1000] });
    return rows[0]?.any ?? false;
  }

  return {
    async newestId() {
      const text = `SELECT coalesce(max(id), 0) AS id FROM outbox_notices`;
      const { rows } = await pool.query<{ id: string }>(text);
      return rows[0]?.id ?? '0';
    },

    async read(afterId, minAgeMs) {
      const text = `SELECT id, user_id, notice AS notification ${OVERDUE} AND id > $2 ORDER BY id`;
      const { rows } = await pool.query<OutboxRow>({
        name: nameStatement('outbox read'),
        text,
        values: [minAgeMs / 1000, afterId],
      });
      return rows.map(({ id, user_id, notification }) => ({ id, userId: user_id, notification }));
    },

    async remove(ids) {
      await pool.query('DELETE FROM outbox_notices WHERE id = ANY($1::bigint[])', [ids]);
    },

    async relay(minAgeMs, limit, publish) {
      if (!(await hasOverdue(minAgeMs))) return 0;
      return inTransaction(pool, async (client) => {
        const { rows } = await client.query<OutboxRow>(
          `SELECT id, user_id, notice AS notification ${OVERDUE} ORDER BY created_at, id LIMIT $2 FOR UPDATE SKIP LOCKED`,
          [minAgeMs / 1000, limit],
        );
        if (rows.length > 0) {
          await publish(rows.map(({ user_id, notification }) => ({ userId: user_id, notification })));
          await client.query('DELETE FROM outbox_notices WHERE id = ANY($1::bigint[])', [
            rows.map(({ id }) => id),
          ]);
        }
        return rows.length;
      });
    },
  };
}

/** Writes notifications into the outbox, in the transaction that causes them. */
export async function postNotifications(
  transaction: Transaction,
  notifications: readonly AddressedNotification[],
): Promise<PostedNotification[]> {
  if (notifications.length === 0) return [];
  const userIds = notifications.map(({ userId }) => userId);
  const bodies = notifications.map(({ notification }) => JSON.stringify(notification));
  const rows = await transaction.$queryRaw<{ id: bigint; user_id: string; notification: Notification }[]>`
    INSERT INTO outbox_notices (user_id, notice)
    SELECT * FROM unnest(${userIds}::uuid[], ${bodies}::jsonb[])
    RETURNING id, user_id, notice AS notification`;
  return rows.map(({ id, user_id, notification }) => ({ id: String(id), userId: user_id, notification }));
}

/**
 * Writes a notification to each friend of the user: their friendship ends, the user has another name, or what the
 * friend may see of the user changed.
 * @param isFriendship whether the friend's list of friends changes.
 */
export async function postToFriends(
  transaction: Transaction,
  userId: string,
  isFriendship = false,
): Promise<PostedNotification[]> {
  const notification: Notification = {
    kind: 'relation',
    friendId: userId,
    ...(isFriendship && { isFriendship }),
  };
  const rows = await transaction.$queryRaw<{ id: bigint; user_id: string }[]>`
    INSERT INTO outbox_notices (user_id, notice)
    SELECT friend_id, ${JSON.stringify(notification)}::jsonb FROM friendships WHERE user_id = ${userId}::uuid
    RETURNING id, user_id`;
  return rows.map(({ id, user_id }) => ({ id: String(id), userId: user_id, notification }));
}

interface OutboxRow {
  readonly id: string;
  readonly user_id: string;
  readonly notification: Notification;
}

const OVERDUE = 'FROM outbox_notices WHERE created_at <= now() - make_interval(secs => $1)';
