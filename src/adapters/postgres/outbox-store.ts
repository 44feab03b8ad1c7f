/**
 * The outbox in PostgreSQL: notices are committed with the change that causes them, and deleted when
 * published.
 */
import type pg from 'pg';
import type { AddressedNotice, Notice } from '../../domain/notice.js';
import type { OutboxStore, PostedNotice } from '../../services/outbox.js';
import type { Transaction } from './prisma.js';

export function createOutboxStore(pool: pg.Pool): OutboxStore {
  /**
   * Asks by one statement, as relay() runs every second and mostly finds nothing: a transaction takes three.
   */
  async function hasOverdue(minAgeMs: number): Promise<boolean> {
    const text = `SELECT EXISTS (SELECT ${OVERDUE}) AS any`;
    const { rows } = await pool.query<{ any: boolean }>({ name: 'outbox', text, values: [minAgeMs / 1000] });
    return rows[0]?.any ?? false;
  }

  return {
    async remove(ids) {
      await pool.query('DELETE FROM outbox_notices WHERE id = ANY($1::bigint[])', [ids]);
    },

    async relay(minAgeMs, limit, publish) {
      if (!(await hasOverdue(minAgeMs))) return 0;
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const { rows } = await client.query<OutboxRow>(
          `SELECT id, user_id, notice ${OVERDUE} ORDER BY created_at, id LIMIT $2 FOR UPDATE SKIP LOCKED`,
          [minAgeMs / 1000, limit],
        );
        if (rows.length > 0) {
          await publish(rows.map(({ user_id, notice }) => ({ userId: user_id, notice })));
          await client.query('DELETE FROM outbox_notices WHERE id = ANY($1::bigint[])', [
            rows.map(({ id }) => id),
          ]);
        }
        await client.query('COMMIT');
        return rows.length;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    },
  };
}

/** Writes notices into the outbox, in the transaction that causes them. */
export async function postNotices(
  transaction: Transaction,
  notices: readonly AddressedNotice[],
): Promise<PostedNotice[]> {
  if (notices.length === 0) return [];
  const userIds = notices.map(({ userId }) => userId);
  const bodies = notices.map(({ notice }) => JSON.stringify(notice));
  const rows = await transaction.$queryRaw<{ id: bigint; user_id: string; notice: Notice }[]>`
    INSERT INTO outbox_notices (user_id, notice)
    SELECT * FROM unnest(${userIds}::uuid[], ${bodies}::jsonb[])
    RETURNING id, user_id, notice`;
  return rows.map(({ id, user_id, notice }) => ({ id: String(id), userId: user_id, notice }));
}

/**
 * Writes a notice to each friend of the user: their relation changed, or what the friend may see of the user.
 */
export async function postToFriends(transaction: Transaction, userId: string): Promise<PostedNotice[]> {
  const notice: Notice = { kind: 'relation', friendId: userId };
  const rows = await transaction.$queryRaw<{ id: bigint; user_id: string }[]>`
    INSERT INTO outbox_notices (user_id, notice)
    SELECT friend_id, ${JSON.stringify(notice)}::jsonb FROM friendships WHERE user_id = ${userId}::uuid
    RETURNING id, user_id`;
  return rows.map(({ id, user_id }) => ({ id: String(id), userId: user_id, notice }));
}

interface OutboxRow {
  readonly id: string;
  readonly user_id: string;
  readonly notice: Notice;
}

const OVERDUE = 'FROM outbox_notices WHERE created_at <= now() - make_interval(secs => $1)';
